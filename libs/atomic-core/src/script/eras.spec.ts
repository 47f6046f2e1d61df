import { type DrawnLock, dateGraph, drawFrom, drawLock, drawSpend, push, signSpend } from '#testkit';
import { OP } from '@bsv/sdk';
import { createHash } from 'node:crypto';
import { openCrypto } from '../crypto/open-crypto';
import { BEFORE_GENESIS, CHRONICLE, GENESIS } from '../spv/date-coins';
import { judgeInput } from './judge-input';
import { listRules } from './script-rules';
import { verifyInputsFast, verifyScripts } from './verify-scripts';

const crypto = openCrypto('native');
const ERAS = [BEFORE_GENESIS, GENESIS, CHRONICLE];
const FAST_SPENDS = 800;

const bytes = (...parts: readonly (number | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
const open = (unlocking: Uint8Array, ...script: readonly (number | Uint8Array)[]): DrawnLock => ({
  ...{ script: bytes(...script), signers: [] },
  unlock: () => Buffer.from(unlocking),
});
const bare = (...script: readonly (number | Uint8Array)[]): DrawnLock => open(Buffer.alloc(0), ...script);
const fill = (count: number, opcode: number): Buffer => Buffer.alloc(count, opcode);
const keyLock = (seed: number): DrawnLock => drawLock(drawFrom(seed), 'key');

const hash160 = (item: Uint8Array): Buffer =>
  createHash('ripemd160').update(createHash('sha256').update(item).digest()).digest();
/** Pay to the hash of a script: until Genesis that script had to be satisfied as well. */
const hashOf = (redeem: DrawnLock, unlock = redeem.unlock): DrawnLock => ({
  ...redeem,
  script: bytes(OP.OP_HASH160, push(hash160(redeem.script)), OP.OP_EQUAL),
  scriptCode: redeem.script,
  unlock: (signatures) => bytes(unlock(signatures), push(redeem.script)),
});
const nothing = (): Buffer => Buffer.alloc(0);
const wrong = (signatures: readonly Uint8Array[]): Buffer =>
  bytes(...signatures.map((each) => push(Buffer.from(each).fill(1, 10, 20))));
const multisig = (keys: number): DrawnLock =>
  open(
    Buffer.of(0),
    OP.OP_0,
    ...Array.from({ length: keys }, () => keyLock(1).script.subarray(0, -1)),
    push(Buffer.of(keys)),
    OP.OP_CHECKMULTISIG,
  );

const verdictOf = (lock: DrawnLock, eras: number, hashType = 0x41): string => {
  const graph = dateGraph(signSpend([lock], hashType), eras);
  const verdict = verifyScripts(graph, { crypto });
  return verdict.ok ? 'yes' : verdict.rejection.code === 'transaction-script-failed' ? 'no' : verdict.rejection.code;
};

/** True, and the rest is returned from inside a condition. */
const RETURNED = [OP.OP_1, OP.OP_1, OP.OP_IF, OP.OP_RETURN, OP.OP_ENDIF];

/** yes or no: may it be spent as a coin from before Genesis, from before Chronicle, and of today? */
const rows: [name: string, lock: DrawnLock, expected: [string, string, string], hashType?: number][] = [
  ['a key', keyLock(1), ['yes', 'yes', 'yes']],
  ['the hash of a key', drawLock(drawFrom(2), 'hash'), ['yes', 'yes', 'yes']],
  ['true, and an OP_RETURN behind', bare(OP.OP_1, OP.OP_RETURN), ['no', 'yes', 'yes']],
  ['a key, and data behind an OP_RETURN', bare2(keyLock(1), OP.OP_RETURN, 9), ['no', 'yes', 'yes']],
  ['OP_2MUL', bare(OP.OP_1, OP.OP_2MUL), ['no', 'no', 'yes']],
  ['OP_2MUL, skipped', bare(OP.OP_0, OP.OP_IF, OP.OP_2MUL, OP.OP_ENDIF, OP.OP_1), ['no', 'yes', 'yes']],
  ['OP_SUBSTR', bare(OP.OP_1, OP.OP_0, OP.OP_1, OP.OP_SUBSTR), ['no', 'no', 'yes']],
  ['OP_SUBSTR, taken for OP_NOP4', bare(OP.OP_1, OP.OP_SUBSTR), ['no', 'no', 'no']],
  ['OP_VER', bare(OP.OP_VER), ['no', 'no', 'yes']],
  ['OP_VERIF, skipped', bare(OP.OP_0, OP.OP_IF, OP.OP_VERIF, OP.OP_ENDIF, OP.OP_1), ['no', 'yes', 'no']],
  [
    'OP_VERIF and its end, skipped',
    bare(0, OP.OP_IF, OP.OP_VERIF, OP.OP_ENDIF, OP.OP_ENDIF, 0x51),
    ['no', 'no', 'yes'],
  ],
  ['OP_CHECKLOCKTIMEVERIFY', bare(OP.OP_1, OP.OP_NOP2), ['no', 'no', 'no']],
  ['two of OP_ELSE', bare(0, OP.OP_IF, OP.OP_ELSE, OP.OP_ELSE, OP.OP_ENDIF, OP.OP_1), ['yes', 'no', 'no']],
  ['an item of 520 bytes', bare(push(fill(520, 1))), ['yes', 'yes', 'yes']],
  ['an item of 521 bytes', bare(push(fill(521, 1))), ['no', 'yes', 'yes']],
  [
    '10,000 bytes',
    bare(
      ...Array.from({ length: 19 }, () => [push(fill(520, 1)), OP.OP_DROP]).flat(),
      push(fill(40, 1)),
      OP.OP_DROP,
      OP.OP_1,
    ),
    ['yes', 'yes', 'yes'],
  ],
  ['more than 10,000 bytes', bare(fill(10_001, OP.OP_1), fill(10_000, OP.OP_DROP)), ['no', 'yes', 'yes']],
  ['500 opcodes', bare(fill(500, OP.OP_NOP), OP.OP_1), ['yes', 'yes', 'yes']],
  ['501 opcodes', bare(fill(501, OP.OP_NOP), OP.OP_1), ['no', 'yes', 'yes']],
  ['501 opcodes, most skipped', bare(0, OP.OP_IF, fill(499, OP.OP_NOP), OP.OP_ENDIF, OP.OP_1), ['no', 'yes', 'yes']],
  ['20 keys', multisig(20), ['yes', 'yes', 'yes']],
  ['21 keys', multisig(21), ['no', 'yes', 'yes']],
  ['480 opcodes and 20 keys', bare3(fill(479, OP.OP_NOP), multisig(20)), ['yes', 'yes', 'yes']],
  ['481 opcodes and 20 keys', bare3(fill(480, OP.OP_NOP), multisig(20)), ['no', 'yes', 'yes']],
  ['a number of 5 bytes', bare(push(fill(5, 1)), OP.OP_1ADD), ['no', 'yes', 'yes']],
  ['OP_BIN2NUM to 5 bytes', bare(push(fill(5, 1)), OP.OP_BIN2NUM), ['no', 'yes', 'yes']],
  ['a condition with an OP_RETURN', bare(...RETURNED), ['no', 'yes', 'yes']],
  ['… and another end behind', bare(...RETURNED, OP.OP_ENDIF), ['no', 'no', 'no']],
  ['… and half a condition behind', bare(...RETURNED, OP.OP_IF), ['no', 'no', 'no']],
  ['… and a whole one behind', bare(...RETURNED, OP.OP_IF, OP.OP_ELSE, OP.OP_ENDIF), ['no', 'yes', 'yes']],
  ['… and one with two of OP_ELSE', bare(...RETURNED, 0x63, OP.OP_ELSE, OP.OP_ELSE, 0x68), ['no', 'no', 'no']],
  ['… and half a push behind', bare(...RETURNED, 5, 1), ['no', 'no', 'no']],
  ['… and an opcode that is none', bare(...RETURNED, 0xff), ['no', 'yes', 'yes']],
  ['… and an OP_RETURN and half a push', bare(...RETURNED, OP.OP_RETURN, 5, 1), ['no', 'yes', 'yes']],
  ['… and half an OP_VERIF behind', bare(...RETURNED, OP.OP_VERIF), ['no', 'yes', 'no']],
  ['… and an OP_VERIF and its end', bare(...RETURNED, OP.OP_VERIF, OP.OP_ENDIF), ['no', 'no', 'yes']],
  ['the digest of Chronicle', keyLock(1), ['yes', 'yes', 'yes'], 0x61],
  ['a script hash and all that its script asks', hashOf(keyLock(1)), ['yes', 'no', 'no']],
  ['a script hash and a wrong signature', hashOf(keyLock(1), wrong), ['no', 'no', 'no']],
  ['a script hash and the script alone', hashOf(keyLock(1), nothing), ['no', 'yes', 'yes']],
  ['a script hash and a script that asks nothing', hashOf(bare(OP.OP_1)), ['yes', 'yes', 'yes']],
  ['a script hash and a script that is false', hashOf(bare(OP.OP_0)), ['no', 'yes', 'yes']],
  ['a script hash, the script with an OP_RETURN', hashOf(bare(OP.OP_1, OP.OP_RETURN)), ['no', 'yes', 'yes']],
  ['a script hash, 500 opcodes', hashOf(bare(fill(500, OP.OP_NOP), OP.OP_1)), ['yes', 'yes', 'yes']],
  ['a script hash, 501 opcodes', hashOf(bare(fill(501, OP.OP_NOP), OP.OP_1)), ['no', 'yes', 'yes']],
];

function bare2(lock: DrawnLock, ...behind: number[]): DrawnLock {
  return { ...lock, script: bytes(lock.script, ...behind) };
}
function bare3(before: Uint8Array, lock: DrawnLock): DrawnLock {
  return { ...lock, script: bytes(before, lock.script) };
}

describe('a spend is judged by the era of its coin', () => {
  it.each(rows.map((row) => ({ name: row[0], row })))('$name', ({ row: [, lock, expected, hashType] }) => {
    expect(ERAS.map((era) => verdictOf(lock, era, hashType))).toEqual(expected);
  });

  it.each(rows.map((row) => ({ name: row[0], row })))(
    '$name: a coin that may be of two eras has to pass both',
    ({ row: [, lock, expected, hashType] }) => {
      const both = (...places: number[]) => (places.every((place) => expected[place] === 'yes') ? 'yes' : 'no');
      const pairs = [BEFORE_GENESIS | GENESIS, GENESIS | CHRONICLE, BEFORE_GENESIS | CHRONICLE];
      expect(pairs.map((eras) => verdictOf(lock, eras, hashType))).toEqual([both(0, 1), both(1, 2), both(0, 2)]);
    },
  );

  it('takes the digest of Chronicle by the block that is built, not by the coin', () => {
    const graph = dateGraph(signSpend([keyLock(1)], 0x61), CHRONICLE);
    expect(verifyScripts({ ...graph, isChronicleNext: false }, { crypto }).ok).toBe(false);
    expect(verifyScripts(graph, { crypto }).ok).toBe(true);
  });

  it('says by which rules it refuses, and that a proof might help', () => {
    const lock = hashOf(keyLock(1), nothing);
    const detailOf = (eras: number): string => {
      const verdict = verifyScripts(dateGraph(signSpend([lock]), eras), { crypto });
      return verdict.ok ? '' : verdict.rejection.detail.replace(/^.*?: /, '');
    };
    const refused = 'the script is false by the rules for coins from before Genesis';
    expect(detailOf(BEFORE_GENESIS)).toBe(refused);
    expect(detailOf(BEFORE_GENESIS | GENESIS | CHRONICLE)).toBe(
      `${refused}; its parent comes without a proof and may be that old`,
    );
  });

  it('judges no coin of no era', () => {
    const graph = dateGraph(signSpend([bare(OP.OP_NOP, OP.OP_1)]), 0);
    expect(() => verifyScripts(graph, { crypto })).toThrow('A coin of no era.');
    const undated = { ...graph, coinEras: undefined } as unknown as typeof graph;
    expect(() => verifyInputsFast(undated, Uint32Array.of(0), crypto)).toThrow(TypeError);
  });
});

describe('a fast path', () => {
  it.each(ERAS)(`agrees with the interpreter by the rules of era %i, over ${FAST_SPENDS} drawn spends`, (era) => {
    const rules = listRules(era, true)[0]?.flags ?? [];
    let taken = 0;
    for (let seed = 0; seed < FAST_SPENDS; seed++) {
      const graph = drawSpend(seed);
      const inputs = Uint32Array.from(graph.parents.keys());
      for (const input of inputs) {
        const fast = verifyInputsFast(dateGraph(graph, era), Uint32Array.of(input), crypto)[0] === 1;
        if (!fast) continue;
        taken++;
        expect([seed, input, judgeInput(graph, input, { rules, crypto }).ok]).toEqual([seed, input, true]);
      }
    }
    expect(taken).toBeGreaterThan(FAST_SPENDS / 4);
  });
});

import { type DrawnLock, drawFrom, drawLock, signSpend } from '#testkit';
import { OP, Spend } from '@bsv/sdk';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { openCrypto } from '../crypto/open-crypto';
import { limits } from '../index';
import { judgeInput } from './judge-input';
import { PRIVATE_NAMES } from './open-spend';

const native = openCrypto('native');
const keyLock = drawLock(drawFrom(1), 'key');
/** A lock that needs the interpreter, and one signature. */
const exotic: DrawnLock = { ...keyLock, script: Buffer.concat([Buffer.of(OP.OP_NOP), keyLock.script]) };

const bare = (...parts: readonly (number | Uint8Array)[]): DrawnLock => ({
  script: Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part))),
  signers: [],
  unlock: () => Buffer.alloc(0),
});
const times = (count: number, ...opcodes: number[]): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => Buffer.from(opcodes)));
const push = (item: Uint8Array): Buffer => {
  const head = Buffer.alloc(5, OP.OP_PUSHDATA4);
  head.writeUInt32LE(item.length, 1);
  return Buffer.concat([item.length < 0x4c ? Buffer.of(item.length) : head, item]);
};
const verdictOf = (lock: DrawnLock, crypto: CryptoBackend = native): string => {
  const verdict = judgeInput(signSpend([lock]), 0, { crypto });
  return verdict.ok ? 'accepted' : `${verdict.rejection.code}: ${verdict.rejection.detail.replace(/^.*: /, '')}`;
};
const LIMIT = 'transaction-script-limit';
const FAILED = 'transaction-script-failed: the script is false';

describe('the interpreter', () => {
  it('finds in the SDK all that its types do not show', () => {
    const prototype = Spend.prototype as unknown as Record<string, unknown>;
    expect(PRIVATE_NAMES.filter((name) => typeof prototype[name] !== 'function')).toEqual([]);
  });

  it('checks signatures with our curve and never with that of the SDK', () => {
    let checks = 0;
    const counting: CryptoBackend = {
      ...native,
      verifyBatch: (batch) => {
        checks += batch.count;
        native.verifyBatch(batch);
      },
    };
    const theirs = jest.spyOn(Spend.prototype as unknown as { verifySignature: () => boolean }, 'verifySignature');
    expect(verdictOf(exotic, counting)).toBe('accepted');
    expect([checks, theirs.mock.calls.length]).toEqual([1, 0]);
    theirs.mockRestore();
  });

  it('believes what our curve says, whichever it is', () => {
    const saying = (verdict: number): CryptoBackend => ({
      ...native,
      verifyBatch: ({ verdicts }) => void verdicts.fill(verdict),
    });
    expect([verdictOf(exotic, saying(1)), verdictOf(exotic, saying(0))]).toEqual(['accepted', FAILED]);
  });

  it('prints no stack into the error of a script that fails', () => {
    const theirs = jest.spyOn(
      Spend.prototype as unknown as { scriptEvaluationError: () => void },
      'scriptEvaluationError',
    );
    expect(verdictOf(bare(push(Buffer.alloc(1_000_000)), OP.OP_VERIFY))).toBe(FAILED);
    expect(theirs).not.toHaveBeenCalled();
    theirs.mockRestore();
  });
});

describe('the account of the interpreter', () => {
  it('lets a contract of 100,000 opcodes pass', () => {
    const loop = times(
      10_000,
      OP.OP_1,
      OP.OP_DUP,
      OP.OP_ADD,
      OP.OP_TOALTSTACK,
      OP.OP_FROMALTSTACK,
      OP.OP_SWAP,
      OP.OP_DROP,
      OP.OP_NOP,
      OP.OP_NOP,
      OP.OP_NOP,
    );
    expect(verdictOf(bare(OP.OP_1, loop))).toBe('accepted');
  });

  it('lets a large item lie on the stack while small ones are worked on', () => {
    const preimage = push(Buffer.alloc(200_000, 1));
    expect(verdictOf(bare(preimage, times(5_000, OP.OP_1, OP.OP_SWAP, OP.OP_SWAP, OP.OP_DROP)))).toBe('accepted');
  });

  it('charges nothing but the step for what is skipped', () => {
    const skipped = Buffer.concat([Buffer.of(0, OP.OP_IF), times(20_000, OP.OP_HASH256), Buffer.of(OP.OP_ENDIF)]);
    expect(verdictOf(bare(OP.OP_1, skipped))).toBe('accepted');
  });

  it.each([
    ['opcodes, before they are parsed', bare(times(limits.SCRIPT_OPCODES_MAX + 1, OP.OP_NOP)), 'too many opcodes'],
    ['pushes under many conditions', bare(times(20_000, OP.OP_1, OP.OP_IF), times(100_000, OP.OP_1)), 'too much work'],
    [
      'items rolled from the depth',
      bare(times(40_000, OP.OP_1), times(40_000, 2, 0x78, 0x69, OP.OP_ROLL)),
      'too much work',
    ],
    ['a size of half a gigabyte', bare(OP.OP_1, push(Buffer.from('00000020', 'hex')), OP.OP_NUM2BIN), 'too much work'],
    ['hashes of small items', bare(OP.OP_1, times(148_000, OP.OP_HASH256)), 'too much work'],
    [
      'a number of a megabyte as an index',
      bare(OP.OP_1, push(Buffer.alloc(900_000, 1)), OP.OP_PICK),
      'a number is too large',
    ],
    ['a wide shift', bare(OP.OP_1, push(Buffer.from('00000040', 'hex')), OP.OP_LSHIFTNUM), 'a shift is too wide'],
    [
      'more keys than checks',
      bare(0, 0, push(Buffer.from('ffffff7f', 'hex')), OP.OP_CHECKMULTISIG),
      'too many signature checks',
    ],
    ['a stack of more than a megabyte', bare(push(Buffer.alloc(600_000, 1)), OP.OP_DUP), 'too much memory'],
  ] as const)('ends %s', (_title, lock, reason) => {
    expect(verdictOf(lock)).toBe(`${LIMIT}: ${reason}`);
  });

  it('ends a signature that is checked over and over, after as many checks as it allows', () => {
    let checks = 0;
    const yes: CryptoBackend = {
      ...native,
      verifyBatch: ({ count, verdicts }) => {
        checks += count;
        verdicts.fill(1);
      },
    };
    const again = times(limits.SCRIPT_SIGNATURES_MAX, OP.OP_2DUP, OP.OP_CHECKSIGVERIFY);
    const key = keyLock.script.subarray(0, -1);
    expect(verdictOf({ ...keyLock, script: Buffer.concat([key, again, Buffer.of(OP.OP_CHECKSIG)]) }, yes)).toBe(
      `${LIMIT}: too many signature checks`,
    );
    expect(checks).toBe(limits.SCRIPT_SIGNATURES_MAX);
  });
});

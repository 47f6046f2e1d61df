import { type DrawnLock, LOCK_KINDS, dateGraph, drawFrom, drawLock, lockMultisig, signSpend } from '#testkit';
import type { BeefGraph } from '../beef/beef-graph';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { openCrypto } from '../crypto/open-crypto';
import { limits } from '../index';
import { listScriptInputs, verifyInputsFast, verifyScripts } from './verify-scripts';

const native = openCrypto('native');

/** Draws until one is whole: a draw may push what is not minimal. */
const wholeLock = (kind: (typeof LOCK_KINDS)[number], seed: number): DrawnLock => {
  const draw = drawFrom(seed);
  for (;;) {
    const lock = drawLock(draw, kind);
    const graph = signSpend([lock]);
    if (verifyScripts(dateGraph(graph), { crypto: native }).ok) return lock;
  }
};
const keyLock = (seed: number): DrawnLock => drawLock(drawFrom(seed), 'key');
const withScript = (lock: DrawnLock, ...opcodes: number[]): DrawnLock => ({
  ...lock,
  script: Buffer.concat([lock.script, Buffer.from(opcodes)]),
});
const never = (): never => {
  throw new Error('nothing was to be computed');
};
const NO_CRYPTO: CryptoBackend = {
  ...{ kind: 'sdk', label: 'none', sha256dSpans: never, hashPairs: never, hash160Spans: never, verifyBatch: never },
};
const NOP = 0x61;
const CODESEPARATOR = 0xab;

describe('the fast paths', () => {
  it.each(LOCK_KINDS)('open every whole lock of the kind "%s"', (kind) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      for (const hashType of [0x41, 0x42, 0x43, 0xc1, 0xc2, 0xc3]) {
        const graph = signSpend([wholeLock(kind, seed)], hashType);
        expect([...verifyInputsFast(dateGraph(graph), Uint32Array.of(0), native)]).toEqual([1]);
      }
    }
  });

  it('leave to the interpreter what they do not know, and it takes it', () => {
    const graph = signSpend([withScript(keyLock(1), NOP), withScript(keyLock(2), CODESEPARATOR), keyLock(3)]);
    expect([...verifyInputsFast(dateGraph(graph), Uint32Array.of(0, 1, 2), native)]).toEqual([0, 0, 1]);
    expect(verifyScripts(dateGraph(graph), { crypto: native }).ok).toBe(true);
  });

  it('take a multisignature with few spare keys alone: a check that no signature was brought for is on the account', () => {
    const shapes = [[1, 1], [1, 2], [2, 3], [2, 4], [3, 5], [6, 6], [1, 3], [2, 5], [3, 6]] as const; // prettier-ignore
    const graph = signSpend(shapes.map(([needed, keys]) => lockMultisig({ needed, keys })));
    const rows = listScriptInputs(graph);
    expect([...verifyInputsFast(dateGraph(graph), rows, native)]).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0]);
    expect(verifyScripts(dateGraph(graph), { crypto: native }).ok).toBe(true);
    const many = Array.from({ length: limits.SCRIPT_SIGNATURES_MAX / 6 + 1 }, () =>
      lockMultisig({ needed: 1, keys: 6 }),
    );
    const limit = { ok: false, rejection: { code: 'transaction-script-limit' } };
    expect(verifyScripts(dateGraph(signSpend(many)), { crypto: native })).toMatchObject(limit);
  });

  it('end at the first chunk in which a script that they know is false', () => {
    const good = signSpend(Array.from({ length: 600 }, (_, index) => keyLock(index)));
    const bytes = good.tape.bytes.slice();
    const first = good.tape.inputs[1] ?? 0;
    bytes[first + 20] = (bytes[first + 20] ?? 0) ^ 1;
    const graph = { ...good, tape: { ...good.tape, bytes } };
    const accepted = verifyInputsFast(dateGraph(graph), listScriptInputs(graph), native);
    expect([accepted[0], accepted[1], accepted[255], accepted[256], accepted[599]]).toEqual([0, 1, 1, 0, 0]);
  });
});

describe('verifyScripts', () => {
  const locks = [keyLock(1), withScript(keyLock(2), NOP), wholeLock('multisig', 3), wholeLock('hash', 4)];
  const graph = signSpend(locks);
  const broken = signSpend([...locks, { ...keyLock(5), unlock: () => Buffer.of(0) }]);

  it('names the transaction and the input that it refuses', () => {
    const verdict = verifyScripts(dateGraph(broken), { crypto: native });
    const txid = Buffer.from(broken.txids.subarray(32, 64)).reverse().toString('hex');
    expect(verdict).toMatchObject({
      ok: false,
      rejection: { code: 'transaction-script-failed', at: { txid, input: 4 } },
    });
  });

  it.each(['native', 'wasm', 'sdk'] as const)('judges alike with the backend "%s"', (kind) => {
    const crypto = openCrypto(kind);
    expect(verifyScripts(dateGraph(graph), { crypto }).ok).toBe(true);
    expect(verifyScripts(dateGraph(broken), { crypto }).ok).toBe(false);
  });

  it('gives the same verdict however the rows were split before', () => {
    const whole = verifyScripts(dateGraph(broken), { crypto: native });
    const rows = listScriptInputs(broken);
    for (let cut = 0; cut <= rows.length; cut++) {
      const accepted = new Uint8Array(rows.length);
      for (const part of [rows.subarray(0, cut), rows.subarray(cut)])
        for (const [place, verdict] of verifyInputsFast(dateGraph(broken), part, native).entries())
          accepted[part[place] ?? 0] = verdict;
      expect(verifyScripts(dateGraph(broken), { crypto: native, accepted })).toEqual(whole);
    }
  });

  it('spends the account of the BEEF on what no fast path takes, split or not', () => {
    const exotic = {
      script: Buffer.concat([Buffer.alloc(60_000, NOP), Buffer.of(0x51)]),
      signers: [],
      unlock: () => Buffer.alloc(0),
    };
    const count = Math.ceil(limits.SCRIPT_OPCODES_MAX / 60_001);
    const fits = signSpend([...locks, ...Array.from({ length: count - 1 }, () => exotic)]);
    const over = signSpend([...locks, ...Array.from({ length: count }, () => exotic)]);
    expect(verifyScripts(dateGraph(fits), { crypto: native }).ok).toBe(true);
    const accepted = verifyInputsFast(dateGraph(over), listScriptInputs(over), native);
    expect([...accepted.subarray(0, 5)]).toEqual([1, 0, 1, 1, 0]);
    const limit = {
      ok: false,
      rejection: { code: 'transaction-script-limit', at: { input: locks.length + count - 1 } },
    };
    expect(verifyScripts(dateGraph(over), { crypto: native })).toMatchObject(limit);
    expect(verifyScripts(dateGraph(over), { crypto: native, accepted })).toMatchObject(limit);
  });

  it('spends the account on the number of inputs too: a script of two opcodes costs more to open than to run', () => {
    const short = { script: Buffer.of(0x51, NOP), signers: [], unlock: () => Buffer.alloc(0) };
    const limit = { ok: false, rejection: { code: 'transaction-script-limit' } };
    const manyOf = (count: number): BeefGraph => signSpend(Array.from({ length: count }, () => short));
    expect(verifyScripts(dateGraph(manyOf(2_000)), { crypto: native }).ok).toBe(true);
    expect(verifyScripts(dateGraph(manyOf(6_000)), { crypto: native })).toMatchObject(limit);
  });

  it('computes nothing for what is known or accepted', () => {
    const known = Uint8Array.of(0, 1);
    expect(verifyScripts(dateGraph(graph), { crypto: NO_CRYPTO, known }).ok).toBe(true);
    const accepted = new Uint8Array(graph.parents.length).fill(1);
    expect(verifyScripts(dateGraph(graph), { crypto: NO_CRYPTO, accepted }).ok).toBe(true);
    expect(() => verifyScripts(dateGraph(graph), { crypto: NO_CRYPTO })).toThrow('nothing was to be computed');
  });

  it('lists the inputs of needed, unproven, unknown transactions alone', () => {
    expect([...listScriptInputs(graph)]).toEqual([0, 1, 2, 3]);
    expect([...listScriptInputs(graph, Uint8Array.of(0, 1))]).toEqual([]);
    expect([...listScriptInputs({ ...graph, needed: Uint8Array.of(1, 0) })]).toEqual([]);
    const transactions = graph.tape.transactions.slice();
    transactions[9] = 1;
    expect([...listScriptInputs({ ...graph, tape: { ...graph.tape, transactions } })]).toEqual([]);
  });
});

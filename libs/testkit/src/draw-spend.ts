import { type BeefGraph, computeTxid, sighash } from '#atomic-core';
import { buildTransaction } from './beef-builder';
import { buildGraph } from './build-graph';
import { type Draw, bytesOf, drawBytes, drawFrom, pick } from './draw';
import { type DrawnLock, drawLock, signer } from './draw-lock';

/** Spends of every kind that a fast path knows, whole and damaged, from a seed: to hold one way of judging against another. */

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const WRONG_SECRET = new Uint8Array(32).fill(9);
const PLAIN_TYPES = [0x41, 0x42, 0x43, 0xc1, 0xc2, 0xc3];
const ODD_TYPES = [0x00, 0x01, 0x03, 0x40, 0x44, 0x5f, 0x61, 0x62, 0x63, 0xe1, 0xe3, 0x81, 0xff];

const scalar = (value: bigint): Buffer => {
  const bytes = Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(Math.max(first, 0));
  return (short[0] ?? 0) >= 0x80 ? Buffer.concat([bytesOf(0), short]) : short;
};

export const writeDer = (compact: Uint8Array, change: { high?: boolean; padded?: boolean } = {}): Buffer => {
  const [r, low] = [compact.subarray(0, 32), compact.subarray(32)].map((half) =>
    BigInt(`0x${Buffer.from(half).toString('hex')}`),
  ) as [bigint, bigint];
  const s = scalar(change.high ? ORDER - low : low);
  const head = change.padded ? Buffer.concat([bytesOf(0), scalar(r)]) : scalar(r);
  const body = Buffer.concat([bytesOf(2, head.length), head, bytesOf(2, s.length), s]);
  return Buffer.concat([bytesOf(0x30, body.length), body]);
};

/** What may be wrong with a lock, before it is signed for: a script that no wallet writes, and a signature that holds. */
const damageLock = (draw: Draw, script: Buffer): Buffer => {
  const at = draw(script.length + 1);
  const opcode = pick(draw, [0x00, 0x51, 0x61, 0x63, 0x68, 0x69, 0x6a, 0x6d, 0x75, 0x76, 0xab, 0xac, 0xad, 0xae, 0xff]);
  const way = draw(4);
  if (way === 0) return Buffer.concat([script.subarray(0, at), bytesOf(opcode), script.subarray(at)]);
  if (way === 1) return Buffer.concat([script, bytesOf(opcode)]);
  if (way === 2) return script.subarray(0, at);
  const flipped = Buffer.from(script);
  flipped[draw(script.length)] = draw(256);
  return flipped;
};

/** What may be wrong with an unlocking script after it is signed. */
const damageUnlock = (draw: Draw, script: Buffer): Buffer => {
  const way = draw(7);
  if (way === 0) return Buffer.concat([bytesOf(pick(draw, [0, 0x51])), script]);
  if (way === 1) return Buffer.concat([script, bytesOf(pick(draw, [0, 0x51, 0x61, 0x75, 0x6a]))]);
  if (way === 2) return script.subarray(0, draw(script.length + 1));
  if (way === 3) return script.subarray(draw(script.length + 1));
  if (way === 4) return Buffer.concat([script, script]);
  if (way === 5 && script.length > 0) return Buffer.concat([bytesOf(0x4c), script]);
  const flipped = Buffer.from(script);
  if (script.length > 0) flipped[draw(script.length)] = draw(256);
  return flipped;
};

const signAll = (draw: Draw, lock: DrawnLock, digestOf: (hashType: number) => Uint8Array): Buffer => {
  const odd = draw(6);
  const signatures = lock.signers.map(({ secret }) => {
    const hashType = odd === 0 ? pick(draw, ODD_TYPES) : pick(draw, PLAIN_TYPES);
    const wrongKey = odd === 1 && draw(2) === 0;
    const { signature } = signer.ecdsaSign(digestOf(hashType), wrongKey ? WRONG_SECRET : secret);
    const der = writeDer(signature, { high: odd === 2 && draw(3) === 0, padded: odd === 3 && draw(3) === 0 });
    if (odd === 4 && draw(8) === 0) return Buffer.alloc(0);
    return Buffer.concat([der, bytesOf(odd === 5 && draw(4) === 0 ? pick(draw, PLAIN_TYPES) : hashType)]);
  });
  return lock.unlock(odd === 5 && draw(4) === 0 ? signatures.reverse() : signatures);
};

type Unlock = (lock: DrawnLock, digestOf: (hashType: number) => Uint8Array) => Uint8Array;

interface SpendSketch {
  readonly locks: readonly DrawnLock[];
  readonly outputs: readonly { satoshis: number; script: Uint8Array }[];
  readonly sequences: readonly number[];
  readonly version: number;
  readonly lockTime: number;
}

/** A parent that locks, a child that spends all of it. */
const buildSpend = ({ locks, outputs, sequences, version, lockTime }: SpendSketch, unlock: Unlock): BeefGraph => {
  const parent = buildTransaction({ inputs: [], outputs: locks.map(({ script }) => ({ satoshis: 1_000, script })) });
  const write = (scripts: readonly Uint8Array[]): Buffer =>
    buildTransaction({
      ...{ version, outputs, lockTime },
      inputs: locks.map((_, vout) => ({
        ...{ txid: computeTxid(parent.raw), vout },
        ...{ sequence: sequences[vout] ?? 0xffffffff, script: scripts[vout] ?? Buffer.alloc(0) },
      })),
    }).raw;
  const unsigned = buildGraph([parent.raw, write([])]);
  const scripts = locks.map((lock, input) =>
    unlock(lock, (hashType) =>
      sighash(
        unsigned,
        { transaction: 1, input, spentOutput: input },
        { hashType, scriptCode: lock.scriptCode ?? lock.script },
      ),
    ),
  );
  return buildGraph([parent.raw, write(scripts)]);
};

/** These locks, each opened as it should be. */
export const signSpend = (locks: readonly DrawnLock[], hashType = 0x41): BeefGraph =>
  buildSpend(
    { locks, outputs: [{ satoshis: 1, script: bytesOf(0x51) }], sequences: [], version: 1, lockTime: 0 },
    (lock, digestOf) =>
      lock.unlock(
        lock.signers.map(({ secret }) => {
          const { signature } = signer.ecdsaSign(digestOf(hashType), secret);
          return Buffer.concat([writeDer(signature), bytesOf(hashType)]);
        }),
      ),
  );

/** One to four inputs, each its own kind, about half of them whole. */
export const drawSpend = (seed: number): BeefGraph => {
  const draw = drawFrom(seed);
  const locks = Array.from({ length: 1 + draw(4) }, () => {
    const lock = drawLock(draw);
    return draw(5) === 0 ? { ...lock, script: damageLock(draw, lock.script) } : lock;
  });
  const outputs = Array.from({ length: 1 + draw(4) }, () => ({
    ...{ satoshis: draw(1e6), script: drawBytes(draw, draw(300)) },
  }));
  const sequences = locks.map(() => pick(draw, [0xffffffff, 0, draw(2 ** 31)]));
  return buildSpend({ locks, outputs, sequences, version: 1 + draw(2), lockTime: draw(2) }, (lock, digestOf) => {
    const signed = signAll(draw, lock, digestOf);
    return draw(4) === 0 ? damageUnlock(draw, signed) : signed;
  });
};

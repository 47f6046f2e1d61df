import { type BeefGraph, computeTxid, sighash } from '#atomic-core';
import { hash } from 'node:crypto';
import { buildTransaction } from './beef-builder';
import { buildGraph } from './build-graph';

/** Spends of every kind that a fast path knows, whole and damaged, from a seed: to hold one way of judging against another. */

interface Signer {
  publicKeyCreate(secret: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { signature: Uint8Array };
}

// The native binding, and never the slow code that the package falls back to.
const signer = require('secp256k1/bindings') as Signer;

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const PLAIN_TYPES = [0x41, 0x42, 0x43, 0xc1, 0xc2, 0xc3];
const ODD_TYPES = [0x00, 0x01, 0x03, 0x40, 0x44, 0x5f, 0x61, 0x62, 0x63, 0xe1, 0xe3, 0x81, 0xff];

export type Draw = (below: number) => number;

/** mulberry32: small, and the same everywhere. */
export const drawFrom = (seed: number): Draw => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const KEYS = Array.from({ length: 6 }, (_, index) => {
  const secret = new Uint8Array(32).fill(index + 1);
  return { secret, short: signer.publicKeyCreate(secret, true), long: signer.publicKeyCreate(secret, false) };
});
type Key = (typeof KEYS)[number];
const WRONG_SECRET = new Uint8Array(32).fill(9);

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw(items.length)] as T;
const bytesOf = (...bytes: number[]): Buffer => Buffer.from(bytes);
const drawBytes = (draw: Draw, length: number): Buffer => Buffer.from(Array.from({ length }, () => draw(256)));

/** The shortest push of these bytes; now and then one that is not. */
const push = (item: Uint8Array, loose = false): Buffer => {
  const [only = 0] = item;
  if (item.length === 1 && !loose && only > 0 && only <= 16) return bytesOf(0x50 + only);
  if (item.length === 1 && !loose && only === 0x81) return bytesOf(0x4f);
  if (item.length < 0x4c && !loose) return Buffer.concat([bytesOf(item.length), item]);
  if (item.length < 0x100) return Buffer.concat([bytesOf(0x4c, item.length), item]);
  return Buffer.concat([bytesOf(0x4d, item.length & 0xff, item.length >> 8), item]);
};

const hash160 = (bytes: Uint8Array): Buffer => hash('ripemd160', hash('sha256', bytes, 'buffer'), 'buffer');
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

export interface DrawnLock {
  readonly script: Buffer;
  /** In the order of their signatures. */
  readonly signers: readonly Key[];
  readonly unlock: (signatures: readonly Uint8Array[]) => Buffer;
}

const fieldsOf = (draw: Draw): { pushes: Buffer; drops: Buffer } => {
  const count = 1 + draw(5);
  const lengths = [0, 1, 1, 5, 33, 75, 76, 200, 300];
  const pushes = Array.from({ length: count }, () => push(drawBytes(draw, pick(draw, lengths)), draw(40) === 0));
  const drops = Buffer.concat([Buffer.alloc(count >> 1, 0x6d), Buffer.alloc(count % 2, 0x75)]);
  return { pushes: Buffer.concat(pushes), drops: draw(30) === 0 ? Buffer.concat([drops, bytesOf(0x75)]) : drops };
};

const lockKey = (key: Key, publicKey: Uint8Array): DrawnLock => ({
  script: Buffer.concat([push(publicKey), bytesOf(0xac)]),
  signers: [key],
  unlock: (signatures) => Buffer.concat(signatures.map((each) => push(each))),
});

const lockHash = (key: Key, publicKey: Uint8Array): DrawnLock => ({
  script: Buffer.concat([bytesOf(0x76, 0xa9, 20), hash160(publicKey), bytesOf(0x88, 0xac)]),
  signers: [key],
  unlock: (signatures) => Buffer.concat([...signatures.map((each) => push(each)), push(publicKey)]),
});

const lockMultisig = (draw: Draw): DrawnLock => {
  const keys = KEYS.slice(0, 1 + draw(5));
  const needed = 1 + draw(keys.length);
  // Any of them, in their order.
  const signers = keys.filter((_, index) => index >= keys.length - needed || draw(2) === 0).slice(0, needed);
  const publicKeys = keys.map(({ short, long }) => push(draw(4) === 0 ? long : short));
  return {
    script: Buffer.concat([bytesOf(0x50 + needed), ...publicKeys, bytesOf(0x50 + keys.length, 0xae)]),
    signers,
    unlock: (signatures) =>
      Buffer.concat([bytesOf(draw(30) === 0 ? 0x51 : 0), ...signatures.map((each) => push(each))]),
  };
};

const around = (lock: DrawnLock, before: Uint8Array, after: Uint8Array): DrawnLock => ({
  ...lock,
  script: Buffer.concat([before, lock.script, after]),
});

const lockBare = (draw: Draw): DrawnLock => {
  const item = pick(draw, [
    bytesOf(1),
    bytesOf(0),
    bytesOf(),
    bytesOf(0x80),
    bytesOf(0, 0x80),
    bytesOf(0, 1),
    bytesOf(0x81),
  ]);
  const tail = draw(2) === 0 ? Buffer.concat([bytesOf(0x6a), drawBytes(draw, draw(20))]) : Buffer.alloc(0);
  const inLock = draw(2) === 0;
  const pushed = push(item, draw(8) === 0);
  return {
    script: inLock ? Buffer.concat([pushed, tail]) : tail,
    signers: [],
    unlock: () => (inLock ? Buffer.alloc(0) : pushed),
  };
};

export const LOCK_KINDS = ['hash', 'key', 'multisig', 'before', 'after', 'inscription', 'return', 'bare'] as const;
export type LockKind = (typeof LOCK_KINDS)[number];

export const drawLock = (draw: Draw, kind: LockKind = pick(draw, LOCK_KINDS)): DrawnLock => {
  const key = pick(draw, KEYS);
  const publicKey = draw(5) === 0 ? key.long : key.short;
  const { pushes, drops } = fieldsOf(draw);
  const tail = Buffer.concat([bytesOf(0x6a), drawBytes(draw, draw(60))]);
  const none = Buffer.alloc(0);
  if (kind === 'hash') return lockHash(key, publicKey);
  if (kind === 'key') return lockKey(key, publicKey);
  if (kind === 'multisig') return lockMultisig(draw);
  if (kind === 'before') return around(lockKey(key, publicKey), none, Buffer.concat([pushes, drops]));
  if (kind === 'after') return around(lockKey(key, publicKey), Buffer.concat([pushes, drops]), none);
  if (kind === 'bare') return lockBare(draw);
  if (kind === 'return') return around(draw(2) ? lockHash(key, publicKey) : lockKey(key, publicKey), none, tail);
  const envelope = Buffer.concat([bytesOf(0, 0x63), pushes, bytesOf(0x68)]);
  return draw(2) === 0
    ? around(lockHash(key, publicKey), envelope, draw(2) ? none : tail)
    : around(lockHash(key, publicKey), none, envelope);
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

/** A parent that locks, a child that spends: one to four inputs, each its own kind, about half of them whole. */
export const drawSpend = (seed: number): BeefGraph => {
  const draw = drawFrom(seed);
  const locks = Array.from({ length: 1 + draw(4) }, () => {
    const lock = drawLock(draw);
    return draw(5) === 0 ? { ...lock, script: damageLock(draw, lock.script) } : lock;
  });
  const parent = buildTransaction({
    inputs: [],
    outputs: locks.map(({ script }) => ({ satoshis: draw(1e6), script })),
  });
  const outputs = Array.from({ length: 1 + draw(4) }, () => ({
    satoshis: draw(1e6),
    script: drawBytes(draw, draw(300)),
  }));
  const sequences = locks.map(() => pick(draw, [0xffffffff, 0, draw(2 ** 31)]));
  const [version, lockTime] = [1 + draw(2), draw(2)];
  const write = (scripts: readonly Uint8Array[]): Buffer =>
    buildTransaction({
      ...{ version, outputs, lockTime },
      inputs: locks.map((_, vout) => ({
        ...{ txid: computeTxid(parent.raw), vout },
        ...{ sequence: sequences[vout] ?? 0, script: scripts[vout] ?? Buffer.alloc(0) },
      })),
    }).raw;
  const unsigned = buildGraph([parent.raw, write([])]);
  const scripts = locks.map((lock, input) => {
    const signed = signAll(draw, lock, (hashType) =>
      sighash(unsigned, { transaction: 1, input, spentOutput: input }, { hashType, scriptCode: lock.script }),
    );
    return draw(4) === 0 ? damageUnlock(draw, signed) : signed;
  });
  return buildGraph([parent.raw, write(scripts)]);
};

import { hash } from 'node:crypto';
import { type Draw, bytesOf, drawBytes, pick } from './draw';

/** Locks of every kind that a fast path knows, from a seed. */

interface Signer {
  publicKeyCreate(secret: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { signature: Uint8Array };
}

// The native binding, and never the slow code that the package falls back to.
export const signer = require('secp256k1/bindings') as Signer;

const KEYS = Array.from({ length: 6 }, (_, index) => {
  const secret = new Uint8Array(32).fill(index + 1);
  return { secret, short: signer.publicKeyCreate(secret, true), long: signer.publicKeyCreate(secret, false) };
});
export type Key = (typeof KEYS)[number];

/** The shortest push of these bytes; now and then one that is not. */
export const push = (item: Uint8Array, loose = false): Buffer => {
  const [only = 0] = item;
  if (item.length === 1 && !loose && only > 0 && only <= 16) return bytesOf(0x50 + only);
  if (item.length === 1 && !loose && only === 0x81) return bytesOf(0x4f);
  if (item.length < 0x4c && !loose) return Buffer.concat([bytesOf(item.length), item]);
  if (item.length < 0x100) return Buffer.concat([bytesOf(0x4c, item.length), item]);
  return Buffer.concat([bytesOf(0x4d, item.length & 0xff, item.length >> 8), item]);
};

const hash160 = (bytes: Uint8Array): Buffer => hash('ripemd160', hash('sha256', bytes, 'buffer'), 'buffer');
export interface DrawnLock {
  readonly script: Buffer;
  /** In the order of their signatures. */
  readonly signers: readonly Key[];
  readonly unlock: (signatures: readonly Uint8Array[]) => Buffer;
  /** What is signed where that is not the script: the redeem script of a lock from before Genesis. */
  readonly scriptCode?: Uint8Array;
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

interface Multisig {
  readonly needed: number;
  /** Up to as many as there are. */
  readonly keys: number;
}

/** Signed by the first keys unless `signers` are others of them, in their order. */
export const lockMultisig = (
  { needed, keys: count }: Multisig,
  { signers = KEYS.slice(0, needed), draw = () => 1 }: { signers?: readonly Key[]; draw?: Draw } = {},
): DrawnLock => {
  const publicKeys = KEYS.slice(0, count).map(({ short, long }) => push(draw(4) === 0 ? long : short));
  return {
    script: Buffer.concat([bytesOf(0x50 + needed), ...publicKeys, bytesOf(0x50 + count, 0xae)]),
    signers,
    unlock: (signatures) =>
      Buffer.concat([bytesOf(draw(30) === 0 ? 0x51 : 0), ...signatures.map((each) => push(each))]),
  };
};

const drawMultisig = (draw: Draw): DrawnLock => {
  const keys = KEYS.slice(0, 1 + draw(5));
  // Few are spare: with more it is no fast path's.
  const needed = keys.length - draw(Math.min(2, keys.length >> 1) + 1);
  // Any of them, in their order.
  const signers = keys.filter((_, index) => index >= keys.length - needed || draw(2) === 0).slice(0, needed);
  return lockMultisig({ needed, keys: keys.length }, { signers, draw });
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
  if (kind === 'multisig') return drawMultisig(draw);
  if (kind === 'before') return around(lockKey(key, publicKey), none, Buffer.concat([pushes, drops]));
  if (kind === 'after') return around(lockKey(key, publicKey), Buffer.concat([pushes, drops]), none);
  if (kind === 'bare') return lockBare(draw);
  if (kind === 'return') return around(draw(2) ? lockHash(key, publicKey) : lockKey(key, publicKey), none, tail);
  const envelope = Buffer.concat([bytesOf(0, 0x63), pushes, bytesOf(0x68)]);
  return draw(2) === 0
    ? around(lockHash(key, publicKey), envelope, draw(2) ? none : tail)
    : around(lockHash(key, publicKey), none, envelope);
};

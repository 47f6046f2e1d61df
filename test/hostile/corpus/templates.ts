import { sha256 } from '#atomic-core';
import { Hash, OP } from '@bsv/sdk';
import type { Random } from './random';
import { ops, push, pushMinimal, small } from './scripts';
import { type TestKey, type Unlock, keys } from './sign-draft';

/** A locking script of one kind with the way to spend it. `odd` variants are what a fast path meets at its edges; most of them no node takes. */
export interface Template {
  readonly script: Buffer;
  readonly unlock: Unlock;
}

export const FORKID_SCOPES = [0x41, 0x42, 0x43, 0xc1, 0xc2, 0xc3] as const;
/** Without FORKID, Chronicle's, unknown base types, unknown bits. */
const ODD_SCOPES = [0x01, 0x02, 0x03, 0x81, 0x61, 0x21, 0x40, 0x44, 0x5f, 0x51, 0xe3, 0x00, 0xff];

interface Draw {
  readonly random: Random;
  readonly odd: boolean;
}

const scopeOf = ({ random, odd }: Draw): number =>
  odd && random.chance(6) ? random.pick(ODD_SCOPES) : random.pick(FORKID_SCOPES);

const encodeKey = (key: TestKey, { random, odd }: Draw): Buffer => {
  if (random.chance(4)) {
    const uncompressed = Buffer.from(key.uncompressed);
    // The hybrid form: OpenSSL took it, and so did Bitcoin before STRICTENC.
    if (odd && random.chance(2)) uncompressed[0] = 6 + ((uncompressed[64] ?? 0) & 1);
    return uncompressed;
  }
  const compressed = Buffer.from(key.compressed);
  if (odd && random.chance(8)) compressed[0] = random.pick([0x00, 0x02, 0x03, 0x04, 0x05]);
  if (odd && random.chance(16)) return compressed.subarray(0, 32);
  return compressed;
};

const widerPush = (bytes: Uint8Array, { random, odd }: Draw): Buffer =>
  push(bytes, odd && random.chance(8) ? random.between(1, 3) : 0);

const hash160 = (bytes: Uint8Array): Buffer => Buffer.from(Hash.hash160([...bytes]));

const p2pkh = (draw: Draw): Template => {
  const key = draw.random.pick(keys);
  const publicKey = encodeKey(key, draw);
  const scope = scopeOf(draw);
  const script = Buffer.concat([
    ops(OP.OP_DUP, OP.OP_HASH160),
    widerPush(hash160(publicKey), draw),
    ops(OP.OP_EQUALVERIFY, OP.OP_CHECKSIG),
  ]);
  return {
    script,
    unlock: (sign) => Buffer.concat([widerPush(sign(key, { scope }), draw), widerPush(publicKey, draw)]),
  };
};

const p2pk = (draw: Draw): Template => {
  const key = draw.random.pick(keys);
  const scope = scopeOf(draw);
  const script = Buffer.concat([widerPush(encodeKey(key, draw), draw), ops(OP.OP_CHECKSIG)]);
  return { script, unlock: (sign) => widerPush(sign(key, { scope }), draw) };
};

const multisig = (draw: Draw): Template => {
  const { random, odd } = draw;
  const count = random.between(1, 5);
  const needed = random.between(1, count);
  const chosen = Array.from({ length: count }, () => random.pick(keys));
  const asNumber = (value: number): Buffer => (odd && random.chance(10) ? push(Buffer.of(value)) : small(value));
  const script = Buffer.concat([
    asNumber(odd && random.chance(12) ? 0 : needed),
    ...chosen.map((key) => widerPush(encodeKey(key, draw), draw)),
    asNumber(count),
    ops(OP.OP_CHECKMULTISIG),
  ]);
  const places = Array.from({ length: count }, (_, index) => index);
  while (places.length > needed) places.splice(random.below(places.length), 1);
  if (odd && random.chance(6)) places.reverse();
  const scope = scopeOf(draw);
  const dummy = odd && random.chance(8) ? ops(OP.OP_1) : ops(OP.OP_0);
  const scopeEach = (): number => (random.chance(4) ? scopeOf(draw) : scope);
  const unlock: Unlock = (sign) =>
    Buffer.concat([
      dummy,
      ...places.map((place) => widerPush(sign(chosen[place] as TestKey, { scope: scopeEach() }), draw)),
    ]);
  return { script, unlock };
};

const drops = (count: number): Buffer =>
  Buffer.concat([Buffer.alloc(count >> 1, OP.OP_2DROP), Buffer.alloc(count & 1, OP.OP_DROP)]);

const pushDrop = (draw: Draw): Template => {
  const { random, odd } = draw;
  const key = random.pick(keys);
  const scope = scopeOf(draw);
  const lengths = [0, 1, 1, 2, 20, 33, 75, 76, 255, 256, 520];
  const fields = Array.from({ length: random.between(1, 6) }, () => random.bytes(random.pick(lengths)));
  const writeField = (field: Buffer): Buffer =>
    odd && random.chance(6) ? push(field, random.below(2)) : pushMinimal(field);
  const lock = Buffer.concat([widerPush(encodeKey(key, draw), draw), ops(OP.OP_CHECKSIG)]);
  const dropped = odd && random.chance(8) ? Math.max(0, fields.length + random.pick([-1, 1])) : fields.length;
  const data = Buffer.concat([...fields.map(writeField), drops(dropped)]);
  const script = Buffer.concat(random.chance(2) ? [lock, data] : [data, lock]);
  return { script, unlock: (sign) => widerPush(sign(key, { scope }), draw) };
};

/** After Genesis OP_RETURN ends a script where it stands: what lies under it decides. */
const withReturn = (draw: Draw): Template => {
  const { random } = draw;
  const base = p2pkh(draw);
  const end = draw.odd && random.chance(4) ? ops(OP.OP_0, OP.OP_RETURN) : ops(OP.OP_RETURN);
  return { script: Buffer.concat([base.script, end, random.bytes(random.below(40))]), unlock: base.unlock };
};

const custom: readonly ((draw: Draw) => Template)[] = [
  ({ random }) => {
    const secret = random.bytes(random.between(0, 40));
    return {
      script: Buffer.concat([ops(OP.OP_SHA256), push(sha256(secret)), ops(OP.OP_EQUAL)]),
      unlock: () => pushMinimal(secret),
    };
  },
  ({ random }) => {
    const [a, b] = [random.between(1, 8), random.between(1, 8)];
    const script = Buffer.concat([small(b), ops(OP.OP_ADD), pushMinimal(Buffer.of(a + b)), ops(OP.OP_NUMEQUAL)]);
    return { script, unlock: () => small(a) };
  },
  (draw) => {
    const [one, two] = [p2pk(draw), p2pkh(draw)];
    const first = draw.random.chance(2);
    const script = Buffer.concat([ops(OP.OP_IF), one.script, ops(OP.OP_ELSE), two.script, ops(OP.OP_ENDIF)]);
    return { script, unlock: (sign) => Buffer.concat([(first ? one : two).unlock(sign), small(first ? 1 : 0)]) };
  },
  (draw) => {
    const key = draw.random.pick(keys);
    const tail = Buffer.concat([push(key.compressed), ops(OP.OP_CHECKSIG)]);
    const script = Buffer.concat([ops(OP.OP_1, OP.OP_DROP, OP.OP_CODESEPARATOR), tail]);
    return { script, unlock: (sign) => push(sign(key, { scope: scopeOf(draw), subscript: tail })) };
  },
  (draw) => {
    const base = p2pk(draw);
    return {
      script: Buffer.concat([base.script.subarray(0, -1), ops(OP.OP_CHECKSIGVERIFY, OP.OP_1)]),
      unlock: base.unlock,
    };
  },
  ({ random }) => ({
    script: Buffer.concat([push(random.pick(keys).compressed), ops(OP.OP_CHECKSIG, OP.OP_NOT)]),
    unlock: () => ops(OP.OP_0),
  }),
  (draw) => {
    const [key, other] = [draw.random.pick(keys), draw.random.pick(keys)];
    const script = Buffer.concat([
      ...[push(key.compressed), ops(OP.OP_CHECKSIGVERIFY), push(other.compressed), ops(OP.OP_CHECKSIG)],
    ]);
    return { script, unlock: (sign) => Buffer.concat([push(sign(other)), push(sign(key))]) };
  },
  ({ random }) => {
    const [left, right] = [random.bytes(5), random.bytes(7)];
    const script = Buffer.concat([ops(OP.OP_CAT), push(Buffer.concat([left, right])), ops(OP.OP_EQUAL)]);
    return { script, unlock: () => Buffer.concat([push(left), push(right)]) };
  },
  () => ({ script: ops(OP.OP_1), unlock: () => Buffer.alloc(0) }),
];

const KINDS = [p2pkh, p2pkh, p2pk, multisig, pushDrop, pushDrop, withReturn];

export const drawTemplate = (random: Random, odd: boolean): Template => {
  const draw = { random, odd };
  return random.chance(4) ? random.pick(custom)(draw) : random.pick(KINDS)(draw);
};

export const plainTemplate = (random: Random): Template => p2pkh({ random, odd: false });

/** An output that carries and is never spent. */
export const dataScript = (random: Random): Buffer =>
  Buffer.concat([ops(OP.OP_0, OP.OP_RETURN), push(random.bytes(random.between(0, 80)))]);

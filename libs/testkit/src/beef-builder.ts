import { type Txid, computeTxid, sha256d, txidFromWire, txidToWire } from '#atomic-core';

/** Bytes by hand, wrong ones included: what is built here is what the core is asked to judge, so nothing of the core's writers is used. */

export const uint = (value: number | bigint, bytes: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
};

export const varint = (value: number): Buffer => {
  if (value < 0xfd) return uint(value, 1);
  if (value < 0x1_0000) return Buffer.concat([uint(0xfd, 1), uint(value, 2)]);
  if (value < 0x1_0000_0000) return Buffer.concat([uint(0xfe, 1), uint(value, 4)]);
  return Buffer.concat([uint(0xff, 1), uint(value, 8)]);
};

export interface InputSketch {
  readonly txid: Txid;
  readonly vout?: number;
  readonly script?: Uint8Array;
  readonly sequence?: number;
}

export interface OutputSketch {
  readonly satoshis: number | bigint;
  readonly script?: Uint8Array;
}

export interface TransactionSketch {
  readonly version?: number;
  readonly inputs: readonly InputSketch[];
  readonly outputs: readonly OutputSketch[];
  readonly lockTime?: number;
}

/** An output that an empty unlocking script spends. */
export const OP_TRUE = Uint8Array.of(0x51);
export const NULL_TXID = '0'.repeat(64) as Txid;

export interface BuiltTransaction {
  readonly raw: Buffer;
  readonly txid: Txid;
}

export const buildTransaction = ({
  version = 1,
  inputs,
  outputs,
  lockTime = 0,
}: TransactionSketch): BuiltTransaction => {
  const raw = Buffer.concat([
    uint(version, 4),
    varint(inputs.length),
    ...inputs.flatMap(({ txid, vout = 0, script = Buffer.alloc(0), sequence = 0xffffffff }) => [
      txidToWire(txid),
      uint(vout, 4),
      varint(script.length),
      script,
      uint(sequence, 4),
    ]),
    varint(outputs.length),
    ...outputs.flatMap(({ satoshis, script = OP_TRUE }) => [uint(satoshis, 8), varint(script.length), script]),
    uint(lockTime, 4),
  ]);
  return { raw, txid: computeTxid(raw) };
};

/** A transaction that pays `satoshis` to anybody, from an outpoint nobody ever asks about: to be given a BUMP. */
export const buildFunding = (outputs: readonly OutputSketch[], salt = 0): BuiltTransaction =>
  buildTransaction({ inputs: [{ txid: 'f'.repeat(64) as Txid, vout: salt }], outputs });

export const buildCoinbase = (satoshis: number, salt = 0): BuiltTransaction =>
  buildTransaction({
    inputs: [{ txid: NULL_TXID, vout: 0xffffffff, script: Buffer.concat([uint(4, 1), uint(salt, 4)]) }],
    outputs: [{ satoshis }],
  });

export interface BuiltBlock {
  readonly height: number;
  readonly root: string;
  /** The BUMP of the transactions at these places (all nodes sorted by offset, duplicates flagged). */
  bump(...offsets: readonly number[]): Buffer;
}

const levelAbove = (level: readonly Buffer[]): Buffer[] => {
  const above: Buffer[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index] as Buffer;
    above.push(sha256d(Buffer.concat([left, level[index + 1] ?? left])));
  }
  return above;
};

const node = (level: readonly Buffer[], offset: number, flags: number): Buffer => {
  const hash = level[offset];
  return Buffer.concat([varint(offset), uint(hash ? flags : 1, 1), hash ?? Buffer.alloc(0)]);
};

/** A block of these transactions, in this order. */
export const buildBlock = (height: number, transactions: readonly BuiltTransaction[]): BuiltBlock => {
  const levels: Buffer[][] = [transactions.map(({ txid }) => txidToWire(txid))];
  while ((levels.at(-1)?.length ?? 0) > 1) levels.push(levelAbove(levels.at(-1) ?? []));
  const root = txidFromWire(levels.at(-1)?.[0] ?? Buffer.alloc(32));
  const bump = (...offsets: readonly number[]): Buffer => {
    if (transactions.length === 1)
      return Buffer.concat([varint(height), uint(1, 1), varint(1), node(levels[0] ?? [], 0, 2)]);
    const parts: Buffer[] = [varint(height), uint(levels.length - 1, 1)];
    let known = new Set(offsets);
    for (const [index, level] of levels.slice(0, -1).entries()) {
      const siblings = [...known].map((offset) => offset ^ 1).filter((offset) => !known.has(offset));
      const written = [...(index === 0 ? known : []), ...siblings].sort((a, b) => a - b);
      parts.push(varint(written.length));
      for (const offset of written) parts.push(node(level, offset, index === 0 && known.has(offset) ? 2 : 0));
      known = new Set([...known].map((offset) => offset >> 1));
    }
    return Buffer.concat(parts);
  };
  return { height, root, bump };
};

export interface BeefEntry {
  readonly raw: Uint8Array;
  readonly bumpIndex?: number;
}

export const buildBeefV1 = (bumps: readonly Uint8Array[], entries: readonly BeefEntry[]): Buffer =>
  Buffer.concat([
    uint(0xefbe0001, 4),
    varint(bumps.length),
    ...bumps,
    varint(entries.length),
    ...entries.flatMap(({ raw, bumpIndex }) => [
      raw,
      bumpIndex === undefined ? uint(0, 1) : Buffer.concat([uint(1, 1), varint(bumpIndex)]),
    ]),
  ]);

export const buildBeefV2 = (bumps: readonly Uint8Array[], entries: readonly BeefEntry[]): Buffer =>
  Buffer.concat([
    uint(0xefbe0002, 4),
    varint(bumps.length),
    ...bumps,
    varint(entries.length),
    ...entries.flatMap(({ raw, bumpIndex }) => [
      bumpIndex === undefined ? uint(0, 1) : Buffer.concat([uint(1, 1), varint(bumpIndex)]),
      raw,
    ]),
  ]);

export const buildAtomicBeef = (subject: Txid, beef: Uint8Array): Buffer =>
  Buffer.concat([uint(0x01010101, 4), txidToWire(subject), beef]);

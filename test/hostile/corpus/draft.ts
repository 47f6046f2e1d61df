import { type Txid, computeTxid, sha256d, txidToWire } from '#atomic-core';
import { buildBlock, uint } from '#testkit';

/**
 * A BEEF before it is bytes. Parents and proven leaves are named by index, so that whatever is changed in one transaction, its children and its block can
 * follow (a mutation that nothing follows dies at the first txid and tests nothing behind it), or, with `txid` and `hash`, deliberately do not.
 */
export interface InputDraft {
  parent: number;
  /** In place of the parent's own: a link that is cut. */
  txid?: Buffer;
  vout: number;
  script: Buffer;
  sequence: number;
}

export interface OutputDraft {
  satoshis: bigint;
  script: Buffer;
}

export interface TransactionDraft {
  version: number;
  inputs: InputDraft[];
  outputs: OutputDraft[];
  lockTime: number;
  bump?: number;
}

export interface NodeDraft {
  offset: number;
  flags: number;
  hash: Buffer;
}

export interface BumpDraft {
  height: number;
  /** The transactions of the block, in order: an entry of the BEEF, or a stranger's txid. */
  leaves: (number | Buffer)[];
  /** Places that the BUMP names. */
  named: number[];
  /** Damage to the nodes, after the block was built. */
  edit?: (levels: NodeDraft[][]) => void;
}

export interface BeefDraft {
  kind: 'V1' | 'V2' | 'Atomic';
  bumps: BumpDraft[];
  entries: TransactionDraft[];
  /** Which entry an Atomic BEEF names. */
  subject: number;
  /** The how-manieth variable-length integer is written in a longer form than it needs. */
  widen?: number;
}

export interface Root {
  readonly height: number;
  readonly root: string;
}

export interface EncodedBeef {
  readonly bytes: Buffer;
  /** What the headers of its blocks would say. */
  readonly roots: readonly Root[];
}

/** Writes variable-length integers, one of them on request not in its shortest form. */
class Varints {
  private written = 0;
  constructor(private readonly widen: number | undefined) {}

  write(value: number): Buffer {
    const wider = this.written++ === this.widen ? 1 : 0;
    const shortest = value < 0xfd ? 0 : value < 0x1_0000 ? 1 : value < 0x1_0000_0000 ? 2 : 3;
    const form = Math.min(3, shortest + wider);
    if (form === 0) return uint(value, 1);
    return Buffer.concat([uint(0xfc + form, 1), uint(value, 2 ** form)]);
  }
}

const NOTHING = Buffer.alloc(32);

/** Raw bytes and txids of all entries. Parents may stand anywhere; a circle, which no hash allows, ends in zeros. */
export class Linker {
  private readonly raws = new Map<number, Buffer>();
  private readonly open = new Set<number>();

  constructor(
    private readonly draft: BeefDraft,
    private readonly varints = new Varints(undefined),
  ) {}

  raw(index: number): Buffer {
    const known = this.raws.get(index);
    if (known) return known;
    this.open.add(index);
    const entry = this.draft.entries[index] as TransactionDraft;
    const parents = entry.inputs.map((input) => this.parentTxid(input));
    this.open.delete(index);
    const raw = this.write(entry, parents);
    this.raws.set(index, raw);
    return raw;
  }

  txid(index: number): Buffer {
    return sha256d(this.raw(index));
  }

  parentTxid({ parent, txid }: InputDraft): Buffer {
    if (txid) return txid;
    return parent in this.draft.entries && !this.open.has(parent) ? this.txid(parent) : NOTHING;
  }

  private write(entry: TransactionDraft, parents: readonly Buffer[]): Buffer {
    const count = (length: number): Buffer => this.varints.write(length);
    return Buffer.concat([
      uint(entry.version, 4),
      count(entry.inputs.length),
      ...entry.inputs.flatMap(({ vout, script, sequence }, index) => [
        parents[index] ?? NOTHING,
        ...[uint(vout, 4), count(script.length), script, uint(sequence, 4)],
      ]),
      count(entry.outputs.length),
      ...entry.outputs.flatMap(({ satoshis, script }) => [uint(satoshis, 8), count(script.length), script]),
      uint(entry.lockTime, 4),
    ]);
  }
}

const readVarint = (bytes: Buffer, at: number): [number, number] => {
  const first = bytes[at] ?? 0;
  if (first < 0xfd) return [first, at + 1];
  return first === 0xfd ? [bytes.readUInt16LE(at + 1), at + 3] : [bytes.readUInt32LE(at + 1), at + 5];
};

/** Takes the BUMP of `buildBlock` apart, for damage. */
const readLevels = (bump: Buffer): NodeDraft[][] => {
  let [, at] = readVarint(bump, 0);
  const height = bump[at++] ?? 0;
  return Array.from({ length: height }, () => {
    const [count, start] = readVarint(bump, at);
    at = start;
    return Array.from({ length: count }, () => {
      const [offset, behind] = readVarint(bump, at);
      const flags = bump[behind] ?? 0;
      at = behind + 1 + (flags === 1 ? 0 : 32);
      return { offset, flags, hash: flags === 1 ? NOTHING : bump.subarray(at - 32, at) };
    });
  });
};

const writeBump = (height: number, levels: readonly NodeDraft[][], varints: Varints): Buffer =>
  Buffer.concat([
    varints.write(height),
    uint(levels.length, 1),
    ...levels.flatMap((nodes) => [
      varints.write(nodes.length),
      ...nodes.flatMap(({ offset, flags, hash }) => [
        ...[varints.write(offset), uint(flags, 1)],
        flags === 1 ? Buffer.alloc(0) : hash,
      ]),
    ]),
  ]);

const encodeBump = ({ height, leaves, named, edit }: BumpDraft, linker: Linker, varints: Varints) => {
  const txids = leaves.map((leaf) => (typeof leaf === 'number' ? linker.txid(leaf) : leaf));
  const block = buildBlock(
    height,
    txids.map((wire) => ({ raw: NOTHING, txid: Buffer.from(wire).reverse().toString('hex') as Txid })),
  );
  const levels = readLevels(block.bump(...named));
  edit?.(levels);
  return { bytes: writeBump(height, levels, varints), root: { height, root: block.root } };
};

export const encodeBeef = (draft: BeefDraft): EncodedBeef => {
  const varints = new Varints(draft.widen);
  const linker = new Linker(draft);
  const bumps = draft.bumps.map((bump) => encodeBump(bump, linker, varints));
  // Written again, so that a widened integer falls into a transaction too; its children do not follow.
  const widened = draft.widen === undefined ? linker : new Linker(draft, varints);
  const entries = draft.entries.map((entry, index) => {
    const raw = widened.raw(index);
    const format = entry.bump === undefined ? uint(0, 1) : Buffer.concat([uint(1, 1), varints.write(entry.bump)]);
    return draft.kind === 'V1' ? Buffer.concat([raw, format]) : Buffer.concat([format, raw]);
  });
  const beef = Buffer.concat([
    uint(draft.kind === 'V1' ? 0xefbe0001 : 0xefbe0002, 4),
    varints.write(bumps.length),
    ...bumps.map(({ bytes }) => bytes),
    varints.write(entries.length),
    ...entries,
  ]);
  const roots = bumps.map(({ root }) => root);
  if (draft.kind !== 'Atomic') return { bytes: beef, roots };
  const subject = txidToWire(computeTxid(linker.raw(draft.subject)));
  return { bytes: Buffer.concat([uint(0x01010101, 4), subject, beef]), roots };
};

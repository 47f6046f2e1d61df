import { MerklePath } from '@bsv/sdk';
import { sha256d } from '#atomic-core';

export const DEVNET_BITS = 0x207fffff;
/** The header of Bitcoin's regtest genesis block: every development network starts from it, so a gateway can check linkage from block 0. */
export const DEVNET_GENESIS = Buffer.from(
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000',
  'hex',
);

export interface Block {
  readonly hash: string;
  readonly prevHash: string;
  readonly height: number;
  readonly time: number;
  readonly header: Buffer;
  /** Display order; the coinbase first. Empty for the genesis block, whose transaction nobody can spend. */
  readonly txids: readonly string[];
}

export const displayHash = (wire: Uint8Array): string => Buffer.from(wire).reverse().toString('hex');
const wireHash = (display: string): Buffer => Buffer.from(display, 'hex').reverse();

export const readBlock = (header: Buffer, height: number, txids: readonly string[]): Block => ({
  hash: displayHash(sha256d(header)),
  prevHash: displayHash(header.subarray(4, 36)),
  height,
  time: header.readUInt32LE(68),
  header,
  txids,
});

/** Every level of the tree, leaves first; an odd last node is paired with itself. */
const buildLevels = (txids: readonly string[]): Buffer[][] => {
  const levels: Buffer[][] = [txids.map(wireHash)];
  for (let level = levels[0] ?? []; level.length > 1; level = levels.at(-1) ?? []) {
    const next: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index] as Buffer;
      next.push(sha256d(Buffer.concat([left, level[index + 1] ?? left])));
    }
    levels.push(next);
  }
  return levels;
};

export const findMerkleRoot = (txids: readonly string[]): Buffer => buildLevels(txids).at(-1)?.[0] as Buffer;

export const buildMerklePath = (block: Block, txid: string): MerklePath => {
  const levels = buildLevels(block.txids);
  const offset = block.txids.indexOf(txid);
  const path = levels.slice(0, Math.max(1, levels.length - 1)).map((level, height) => {
    const sibling = (offset >> height) ^ 1;
    const node = level[sibling];
    const leaf = node ? { offset: sibling, hash: displayHash(node) } : { offset: sibling, duplicate: true };
    if (height > 0) return [leaf];
    const own = { offset, hash: txid, txid: true };
    if (levels.length === 1) return [own];
    return sibling < offset ? [leaf, own] : [own, leaf];
  });
  return new MerklePath(block.height, path);
};

/** Grinds the nonce until the hash meets 0x207fffff: its first display digit pair is below 0x80, so two tries on average. */
export const mineHeader = (prevHash: string, merkleRoot: Buffer, time: number): Buffer => {
  const header = Buffer.alloc(80);
  header.writeUInt32LE(0x20000000, 0);
  wireHash(prevHash).copy(header, 4);
  merkleRoot.copy(header, 36);
  header.writeUInt32LE(time, 68);
  header.writeUInt32LE(DEVNET_BITS, 72);
  for (let nonce = 0; ; nonce += 1) {
    header.writeUInt32LE(nonce, 76);
    if ((sha256d(header)[31] as number) < 0x7f) return header;
  }
};

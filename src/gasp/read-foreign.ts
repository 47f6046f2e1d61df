import { computeTxid, isTxid, limits, readTransaction, verifyBump, type Bump, type Transaction } from '#atomic-core';
import type { Txid } from '#atomic-core';
import { z } from 'zod';
import { lie } from './gasp-fault';

const VOUT_MAX = 0xffff_ffff;
const HEX = /^(?:[0-9a-f]{2})+$/iu;
const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9][0-9]{0,9})$/u;

export interface Outpoint {
  readonly txid: Txid;
  readonly vout: number;
}

/** `<txid>.<vout>` as GASP and the BRCs write an outpoint; undefined for anything else. */
export function readPrintedOutpoint(text: string): Outpoint | undefined {
  const [, txid = '', vout = ''] = OUTPOINT.exec(text) ?? [];
  return isTxid(txid) && Number(vout) <= VOUT_MAX ? { txid, vout: Number(vout) } : undefined;
}

export interface ScoredOutput extends Outpoint {
  readonly score: number;
}

const vout = z.int().min(0).max(VOUT_MAX);
/** A database driver may hand a 64-bit number on as text; whole either way. */
const score = z.union([z.int().min(0), z.string().regex(/^[0-9]{1,15}$/u)]).nullish();
const listing = z.looseObject({
  UTXOList: z.array(z.looseObject({ txid: z.string(), outputIndex: vout, score })).max(limits.GASP_PAGE_MAX),
  since: z.number(),
});

/** The list of a host's outputs, in the order of their scores, each once. */
export function readListing(body: unknown): ScoredOutput[] {
  const parsed = listing.safeParse(body);
  if (!parsed.success) throw lie('the list of outputs is not well formed, or too long');
  const found = new Map<string, ScoredOutput>();
  for (const { txid, outputIndex, score: told } of parsed.data.UTXOList) {
    if (!isTxid(txid)) throw lie('the list names something that is no transaction');
    found.set(`${txid}.${outputIndex}`, { txid, vout: outputIndex, score: Number(told ?? 0) });
  }
  return [...found.values()].sort((a, b) => a.score - b.score);
}

const node = z.looseObject({
  graphID: z.string(),
  rawTx: z.string().regex(HEX),
  outputIndex: vout,
  proof: z.string().regex(HEX).nullish(),
});

/** One transaction that a host sent, read strictly: its id is that of its bytes, and its proof holds it. Whether the proof leads to a block is asked later. */
export interface ForeignNode {
  readonly graphId: string;
  readonly vout: number;
  readonly transaction: Transaction;
  readonly bump: Bump | undefined;
  readonly sizeBytes: number;
}

/** Before any of it reaches a parser that trusts what it reads (PROTOCOLS B1). */
export function readForeignNode(body: unknown): ForeignNode {
  const parsed = node.safeParse(body);
  if (!parsed.success) throw lie('the node is not well formed');
  const { graphID, rawTx, outputIndex, proof } = parsed.data;
  const raw = Buffer.from(rawTx, 'hex');
  const transaction = readTransaction(raw);
  if (!transaction.ok) throw lie(`the transaction of a node is refused: ${transaction.rejection.code}`);
  if (transaction.value.outputs[outputIndex] === undefined) throw lie('the node names an output that it does not have');
  const octets = proof === null || proof === undefined ? undefined : Buffer.from(proof, 'hex');
  const bump = octets && verifyBump(octets, computeTxid(raw));
  if (bump !== undefined && !bump.ok) throw lie(`the proof of a node is refused: ${bump.rejection.code}`);
  return {
    graphId: graphID,
    vout: outputIndex,
    transaction: transaction.value,
    bump: bump?.value,
    sizeBytes: raw.length + (octets?.length ?? 0),
  };
}

import { accept, isTxid, reject, type Result } from '#atomic-core';
import { z } from 'zod';
import { readPrintedOutpoint, type Outpoint } from './read-foreign';

/** Of the GASP that we speak. */
const VERSION = 1;

export interface ListQuestion {
  readonly since: number;
  readonly limit: number | undefined;
}

/** `limit` may be null: `JSON.stringify` of a client in another language writes what is absent so. */
const list = z.looseObject({ version: z.int(), since: z.int().min(0), limit: z.int().min(1).nullish() });

export function readListQuestion(body: unknown): Result<ListQuestion> {
  const parsed = list.safeParse(body);
  if (!parsed.success)
    return reject('request-malformed', 'the body is an object with version, since and, if need be, limit');
  const { version, since, limit } = parsed.data;
  // In the words of `@bsv/gasp`.
  if (version !== VERSION)
    return reject(
      'request-malformed',
      `GASP version mismatch. Current version: ${VERSION}, foreign version: ${version}`,
    );
  return accept({ since, limit: limit ?? undefined });
}

export interface NodeQuestion {
  readonly graphId: string;
  /** The output that the graph explains. */
  readonly tip: Outpoint;
  readonly wanted: Outpoint;
}

const node = z.looseObject({
  graphID: z.string(),
  txid: z.string(),
  outputIndex: z.int().min(0).max(0xffff_ffff),
  metadata: z.boolean().nullish(),
});

export function readNodeQuestion(body: unknown): Result<NodeQuestion> {
  const parsed = node.safeParse(body);
  if (!parsed.success)
    return reject('request-malformed', 'the body is an object with graphID, txid, outputIndex and metadata');
  const { graphID, txid, outputIndex } = parsed.data;
  const tip = readPrintedOutpoint(graphID);
  if (tip === undefined) return reject('request-malformed', 'graphID is <txid>.<vout>');
  if (!isTxid(txid)) return reject('request-malformed', 'txid is not a transaction id');
  return accept({ graphId: graphID, tip, wanted: { txid, vout: outputIndex } });
}

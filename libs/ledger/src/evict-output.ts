import { accept, encodeLeaf, hashState, printOutpoint, readOutpoint } from '#atomic-core';
import type { Outpoint, Result } from '#atomic-core';
import { hexOf, onlyRow, runRefusable, wireHex } from './database';
import type { Database } from './database';

export interface Eviction {
  /** Undefined: from every topic that holds it. */
  readonly topic?: string;
  readonly outpoint: Outpoint;
  readonly reason: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestId: string;
}

export interface EvictionOutcome {
  /** Those that it was evicted from now; none when it had been before. */
  readonly topics: readonly string[];
  /** Of the audit; absent when nothing changed. */
  readonly leafIndex?: number;
}

/**
 * Takes an output out of every answer, for good: a retraction and another COMMIT do not bring it back. What is true of the coin stays: whoever holds it may
 * spend it, and the topic's counts and digest hold it. `output-unknown` where no topic (of that name) holds it.
 */
export const evictOutput = async (db: Database, eviction: Eviction): Promise<Result<EvictionOutcome>> => {
  const { topic, outpoint, reason, organisation, identityKey, requestId } = eviction;
  const { txid, vout } = readOutpoint(outpoint);
  const printed = printOutpoint(outpoint);
  const from = topic ?? 'every topic';
  const leaf = encodeLeaf({
    decision: 'evicted',
    atMs: Date.now(),
    organisation,
    identityKey,
    requestId,
    subject: printed,
    beforeHash: hashState([`${printed} held`]),
    afterHash: hashState([`${printed} evicted from ${from}: ${reason}`]),
  });
  const asked = { topic, txid: wireHex(txid), vout, reason, organisation, printed, leaf: hexOf(leaf) };
  const evicted = await runRefusable<{ outcome: EvictionOutcome }[]>(
    db,
    'select portcullis.evict_output($1::jsonb) as outcome',
    [JSON.stringify(asked)],
  );
  return evicted.ok ? accept(onlyRow(evicted.value).outcome) : evicted;
};

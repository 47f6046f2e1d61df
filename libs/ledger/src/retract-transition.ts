import { encodeLeaf, hashState, printOutpoint, txidFromWire, txidToWire } from '#atomic-core';
import type { Txid } from '#atomic-core';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import { writeMoves } from './settlement';

/** A dependant that arrives between the two statements makes the first answer stale; each round needs one more such arrival. */
const ROUNDS_MAX = 20;

interface Retraction {
  readonly kind: 'transition' | 'payment';
  readonly ref: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestId: string;
  readonly txid: Buffer;
  readonly outpoint: Buffer | null;
}

const writeLeaf = (retraction: Retraction, reason: string, atMs: number): { ref: string; leaf: string } => {
  const { ref, organisation, identityKey, requestId, outpoint } = retraction;
  const txid = txidFromWire(retraction.txid);
  const leaf = encodeLeaf({
    decision: 'retracted',
    atMs,
    organisation,
    identityKey,
    requestId,
    subject: outpoint ? printOutpoint(outpoint) : txid,
    beforeHash: hashState([`${txid} live`]),
    afterHash: hashState([`${txid} retracted: ${reason}`]),
  });
  return { ref, leaf: leaf.toString('hex') };
};

/**
 * Retracts what the network refused for good: this transaction and all that stand on it, dependants first. Restores the coins, baskets and
 * spends that they changed, cancels their outbox rows, and appends one audit leaf for each transition and payment claim.
 * Returns the txids retracted; none when there is nothing (left) to retract, or when any of them is proven in a block: a proof that we
 * checked outweighs any refusal.
 *
 * A leaf is encoded by the core, so this reads, encodes, then changes everything in ONE statement, which starts by checking that what it
 * read is still so (no COMMIT can be in flight then) and asks for another round when it is not.
 */
export const retractTransition = async (db: Database, txid: Txid, reason: string): Promise<Txid[]> => {
  const subject = txidToWire(txid);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const found = await runStatement<Retraction[]>(
      db,
      `select kind, ref, organisation, identity_key as "identityKey", request_id as "requestId", txid, outpoint
       from portcullis.list_retractions($1)`,
      [subject],
    );
    const atMs = Date.now();
    const leaves = found.map((retraction) => writeLeaf(retraction, reason, atMs));
    const { txids } = onlyRow(
      await runStatement<{ txids: Buffer[] | null }[]>(
        db,
        'select portcullis.retract($1, $2::jsonb, $3::jsonb, $4) as txids',
        [subject, JSON.stringify(leaves), writeMoves('refused'), reason],
      ),
    );
    if (txids !== null) return txids.map(txidFromWire);
  }
  throw new Error(`Dependants of ${txid} kept arriving during its retraction`);
};

import { accept, isTxid, printOutpoint, reject } from '#atomic-core';
import type { Result, Satoshis, Settlement, Txid } from '#atomic-core';
import { In } from 'typeorm';
import type { Receipt } from './commit-input';
import { runStatement } from './database';
import type { Database } from './database';
import { SettlementEventEntity } from './entities/settlement-event';
import { TransitionEntity } from './entities/transition';
import type { StoredTransition } from './entities/transition';
import { prepareStatement } from './prepared';
import { tenantOf } from './tenant';

type HeldRequest = Pick<StoredTransition, 'id' | 'requestDigest' | 'receipt'>;

const judgeReplay = (held: HeldRequest | undefined, requestDigest: Uint8Array): Result<Receipt | undefined> => {
  if (held === undefined) return accept(undefined);
  if (held.receipt === null) throw new Error(`The transition ${held.id} has no receipt`);
  return held.requestDigest.equals(requestDigest) ? accept(held.receipt) : reject('idempotency-conflict');
};

const FIND_REPLAY = prepareStatement(
  'select r.id, r.request_digest as "requestDigest", r.receipt from portcullis.find_replay($1::text, $2::text) r',
);

/** The receipt of the request that holds this key; undefined when the key is free; `idempotency-conflict` when another request holds it. */
export const findReplay = async (
  db: Database,
  organisation: string,
  requestKey: string,
  requestDigest: Uint8Array,
): Promise<Result<Receipt | undefined>> => {
  const [held] = await runStatement<HeldRequest[]>(db, FIND_REPLAY, [organisation, requestKey]);
  return judgeReplay(held, requestDigest);
};

/** What was asked under a key, as {@link findReplay} takes it. */
export interface KeyedRequest {
  readonly requestKey: string;
  readonly requestDigest: Uint8Array;
}

/** As {@link findReplay} for many requests in one question; in their order. */
export const findReplays = async (
  db: Database,
  organisation: string,
  requests: readonly KeyedRequest[],
): Promise<Result<Receipt | undefined>[]> => {
  const requestKeys = requests.map(({ requestKey }) => requestKey);
  const held = await tenantOf(db, organisation)
    .getRepository(TransitionEntity)
    .find({ where: { organisation, requestKey: In(requestKeys) } });
  const byKey = new Map(held.map((transition) => [transition.requestKey, transition]));
  return requests.map(({ requestKey, requestDigest }) => judgeReplay(byKey.get(requestKey), requestDigest));
};

export interface TransitionRecord {
  readonly id: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestId: string;
  readonly txid: Txid;
  readonly topics: readonly string[];
  readonly settlement: Settlement;
  readonly receipt: Receipt;
  readonly leafIndex: number;
  readonly createdAt: Date;
  /** The block that holds the subject, once proven. Hash in display order. */
  readonly proof: { readonly blockHash: string; readonly height: number } | undefined;
  readonly payment:
    { readonly outpoint: string; readonly satoshis: Satoshis; readonly settlement: Settlement } | undefined;
}

const printRecord = (stored: StoredTransition): TransitionRecord => {
  const { id, organisation, identityKey, requestId, txid, topics, settlement, createdAt } = stored;
  const { receipt, leafIndex, claim, transaction } = stored;
  // Both are null inside the COMMIT only.
  if (receipt === null || leafIndex === null) throw new Error(`The transition ${id} has no receipt`);
  const { blockHash, blockHeight: height } = transaction;
  return {
    id,
    organisation,
    identityKey,
    requestId,
    txid,
    topics,
    settlement,
    receipt,
    leafIndex,
    createdAt,
    proof: blockHash !== null && height !== null ? { blockHash, height } : undefined,
    payment: claim
      ? { outpoint: printOutpoint(claim.outpoint), satoshis: claim.satoshis, settlement: claim.settlement }
      : undefined,
  };
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By transition id, or the newest live one of that txid (the newest at all when none is live). Another organisation's is as absent. */
export const findTransition = async (
  db: Database,
  organisation: string,
  idOrTxid: string,
): Promise<TransitionRecord | undefined> => {
  if (!UUID.test(idOrTxid) && !isTxid(idOrTxid)) return undefined;
  // One transaction has few transitions, at most one live one for each topic, so the newest is picked here.
  const found = await tenantOf(db, organisation)
    .getRepository(TransitionEntity)
    .find({
      where: { organisation, ...(isTxid(idOrTxid) ? { txid: idOrTxid } : { id: idOrTxid }) },
      relations: { transaction: true, claim: true },
      order: { leafIndex: 'desc' },
    });
  const stored = found.find(({ settlement }) => settlement !== 'retracted') ?? found[0];
  return stored && printRecord(stored);
};

export interface SettlementStep {
  readonly seq: number;
  readonly settlement: Settlement;
  readonly at: Date;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The history of one transition of the organisation, oldest first. */
export const listSettlementEvents = (
  db: Database,
  organisation: string,
  transitionId: string,
): Promise<SettlementStep[]> =>
  tenantOf(db, organisation)
    .getRepository(SettlementEventEntity)
    .find({
      select: { seq: true, settlement: true, at: true, detail: true },
      where: { transitionId },
      order: { seq: 'asc' },
    });

import { accept, isTxid, printOutpoint, reject, txidFromWire, txidToWire } from '#atomic-core';
import type { Result, Satoshis, Settlement, Txid } from '#atomic-core';
import type { Receipt } from './commit-input';
import { runStatement } from './database';
import type { Database } from './database';

/** The receipt of the request that holds this key; undefined when the key is free; `idempotency-conflict` when another request holds it. */
export const findReplay = async (
  db: Database,
  organisation: string,
  requestKey: string,
  requestDigest: Uint8Array,
): Promise<Result<Receipt | undefined>> => {
  const [row] = await runStatement<{ receipt: Receipt; same: boolean }[]>(
    db,
    `select receipt, request_digest = $3 as same from portcullis.transition where organisation = $1 and request_key = $2`,
    [organisation, requestKey, Buffer.from(requestDigest)],
  );
  if (row === undefined) return accept(undefined);
  return row.same ? accept(row.receipt) : reject('idempotency-conflict');
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

interface TransitionRow extends Omit<TransitionRecord, 'txid' | 'leafIndex' | 'proof' | 'payment'> {
  readonly txid: Buffer;
  readonly leafIndex: string;
  readonly blockHash: Buffer | null;
  readonly height: number | null;
  readonly paid: Buffer | null;
  readonly paidSatoshis: string | null;
  readonly paidSettlement: Settlement | null;
}

const SELECT = `
  select t.id, t.organisation, t.identity_key as "identityKey", t.request_id as "requestId", t.txid, t.topics, t.settlement,
         t.receipt, t.leaf_index as "leafIndex", t.created_at as "createdAt", x.block_hash as "blockHash", x.block_height as height,
         c.outpoint as paid, c.satoshis as "paidSatoshis", c.settlement as "paidSettlement"
  from portcullis.transition t
  join portcullis.transaction x on x.txid = t.txid
  left join portcullis.payment_claim c on c.transition_id = t.id
  where t.organisation = $1`;

const readRow = (row: TransitionRow): TransitionRecord => {
  const { leafIndex, blockHash, height, paid, paidSatoshis, paidSettlement, ...rest } = row;
  return {
    ...rest,
    txid: txidFromWire(row.txid),
    leafIndex: Number(leafIndex),
    proof: blockHash && height !== null ? { blockHash: txidFromWire(blockHash), height } : undefined,
    payment:
      paid && paidSettlement
        ? { outpoint: printOutpoint(paid), satoshis: Number(paidSatoshis), settlement: paidSettlement }
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
  if (UUID.test(idOrTxid)) {
    const [row] = await runStatement<TransitionRow[]>(db, `${SELECT} and t.id = $2`, [organisation, idOrTxid]);
    return row && readRow(row);
  }
  if (!isTxid(idOrTxid)) return undefined;
  const [row] = await runStatement<TransitionRow[]>(
    db,
    `${SELECT} and t.txid = $2 order by t.settlement = 'retracted', t.leaf_index desc limit 1`,
    [organisation, txidToWire(idOrTxid)],
  );
  return row && readRow(row);
};

export interface SettlementStep {
  readonly seq: number;
  readonly settlement: Settlement;
  readonly at: Date;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The history of one transition, oldest first. */
export const listSettlementEvents = (db: Database, transitionId: string): Promise<SettlementStep[]> =>
  runStatement(
    db,
    'select seq, settlement, at, detail from portcullis.settlement_event where transition_id = $1 order by seq',
    [transitionId],
  );

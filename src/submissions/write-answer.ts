import type { Settlement } from '#atomic-core';
import type { Receipt, SettlementStep, TransitionRecord } from '#ledger';

/** The receipt as it is answered. A pure function of what the COMMIT stored, so a replay is the same bytes. */
export function writeReceipt(receipt: Receipt, settlement: Settlement = 'applied'): Record<string, unknown> {
  const { id, txid, admittance, basketsAdded, basketsRemoved, payment, draw, auditLeaf } = receipt;
  return {
    id,
    txid,
    settlement,
    admittance,
    baskets: { added: basketsAdded, removed: basketsRemoved },
    payment,
    ...(draw !== undefined && { draw }),
    auditLeaf,
    links: { self: `/v1/submissions/${String(id)}`, beef: `/v1/submissions/${String(id)}/beef` },
  };
}

/** The receipt with where the transaction stands now and how it came there. */
export function writeSubmission(record: TransitionRecord, history: readonly SettlementStep[]): Record<string, unknown> {
  return {
    ...writeReceipt(record.receipt, record.settlement),
    payment: record.payment ?? null,
    topics: record.topics,
    proof: record.proof ?? null,
    history: history.map(({ settlement, at, detail }) => ({ settlement, at: at.toISOString(), detail })),
  };
}

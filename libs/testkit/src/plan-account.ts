import { randomUUID } from 'node:crypto';
import { sha256 } from '#atomic-core';
import { claimPayment, findOrCreateQuote, keyOfPayment } from '#ledger';
import type { AccountDraw, CounterUse, PaymentClaimInput } from '#ledger';
import type { DataSource } from 'typeorm';
import { buildPlainTransaction, outpointOf, planPlainCommit, randomOutpoint } from './ledger-plans';
import type { PlainTransaction } from './ledger-plans';

export interface PlainPayer {
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestId: string;
}

/** An organisation that pays: a new one, or the one of this name. */
export const plainPayer = (organisation = `payer-${randomUUID()}`): PlainPayer => ({
  ...{ organisation, identityKey: `key of ${organisation}`, requestId: 'r' },
});

export interface PlainBought {
  readonly price?: number;
  readonly satoshis?: number;
  readonly topUp?: boolean;
  readonly requestDigest?: Buffer;
  readonly uses?: readonly CounterUse[];
}

export interface PlainClaim {
  readonly transaction: PlainTransaction;
  readonly requestDigest: Buffer;
  readonly input: PaymentClaimInput;
  /** By which the account knows it. */
  readonly key: string;
}

/** A payment on fresh terms, ready to be claimed as often as one likes. */
export const planPlainClaim = async (
  db: DataSource,
  payer: PlainPayer,
  bought: PlainBought = {},
): Promise<PlainClaim> => {
  const { price = 200, satoshis = price, topUp = false, uses } = bought;
  const { requestDigest = sha256(Buffer.from(randomUUID())) } = bought;
  const { organisation, identityKey } = payer;
  const asked = { organisation, identityKey, requestDigest, method: 'GET', path: '/v1/x' };
  const terms = { ...asked, prefix: randomUUID(), satoshis: price, ttlMs: 60_000 };
  const { prefix } = await findOrCreateQuote(db, terms);
  const transaction = buildPlainTransaction([randomOutpoint()], [satoshis]);
  const { transactions, spends, outbox, leaf } = planPlainCommit({ subject: transaction });
  const outpoint = outpointOf(transaction);
  const payment = { outpoint, prefix, satoshis, ...(uses && { uses }) };
  const follows = topUp ? ('top-up' as const) : ('service' as const);
  const input = { ...asked, ...payment, follows, transactions, spends, outbox, leaf };
  return { transaction, requestDigest, input, key: keyOfPayment(outpoint) };
};

/** Pays ahead. */
export const topUpPlainly = async (db: DataSource, payer: PlainPayer, satoshis: number): Promise<PlainTransaction> => {
  const { input, transaction } = await planPlainClaim(db, payer, { price: satoshis, topUp: true });
  const claimed = await claimPayment(db, input);
  if (!claimed.ok) throw new Error(`The account was not topped up: ${claimed.rejection.code}.`);
  return transaction;
};

export const planPlainDraw = (satoshis: number, over: Partial<AccountDraw> = {}): AccountDraw => ({
  ...{ key: randomUUID(), satoshis, creditLimit: 0, plan: 'standard@1', method: 'GET', path: '/v1/x', uses: [] },
  ...over,
});

/** Of one counter, in one month. */
export const planPlainUse = (organisation: string, quantity: number, granted?: number): CounterUse => ({
  ...{ organisation, counter: 'reads', starts: new Date('2026-11-01'), ends: new Date('2026-12-01'), quantity },
  ...(granted !== undefined && { granted }),
});

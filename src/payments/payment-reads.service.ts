import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type Outpoint,
  type Result,
  type Satoshis,
  type Settlement,
  accept,
  isTxid,
  makeOutpoint,
  printOutpoint,
  reject,
} from '#atomic-core';
import { type PaymentPage, type PaymentRecord, type TakenPayment, findPayment, listPayments } from '#ledger';
import type { Caller } from '../identity';
import { Plans } from '../plans';

/** `claimed`: it was taken. `unknown`: it has come and its judgement is not known. `not-seen`: the terms are there, and no payment has come for them. */
export interface PaymentAnswer {
  readonly state: 'claimed' | 'unknown' | 'not-seen';
  readonly terms: {
    readonly method: string;
    readonly path: string;
    readonly satoshis: Satoshis;
    readonly planVersion: string | null;
    readonly expiresAt: string;
  };
  /** Absent while nothing was taken. */
  readonly payment?: {
    readonly outpoint: string;
    readonly satoshis: Satoshis;
    readonly settlement: Settlement;
    readonly claimedAt: string;
    /** The submission that it paid for, where it paid for one. */
    readonly submission: string | null;
  };
}

/** A payment that was taken, as its organisation and the operator see it. */
export interface PaymentView extends Omit<TakenPayment, 'outpoint' | 'transitionId' | 'claimedAt'> {
  readonly outpoint: string;
  readonly submission: string | null;
  readonly claimedAt: string;
}

export interface PaymentList {
  readonly payments: readonly PaymentView[];
  /** Give it as `before` for the next page; null on the last. */
  readonly next: number | null;
}

const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9]\d{0,9})$/u;
const VOUT_MAX = 0xffff_ffff;

/** What became of a payment. That of another is as absent as one that never was. */
@Injectable()
export class PaymentReads {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Plans) private readonly plans: Plans,
  ) {}

  async list(caller: Caller, whose: 'own' | 'all', page: PaymentPage): Promise<Result<PaymentList>> {
    if (whose === 'all' && !this.plans.isOperator(caller)) return reject('treasury-forbidden');
    const taken = await listPayments(this.database, whose === 'all' ? undefined : caller.organisation, page);
    const next = taken.length < page.limit ? null : (taken.at(-1)?.auditLeaf ?? null);
    return accept({ payments: taken.map(writeTaken), next });
  }

  async describe(identityKey: string, reference: string): Promise<Result<PaymentAnswer>> {
    const outpoint = readReference(reference);
    const named = outpoint === undefined ? { prefix: reference } : { outpoint };
    const record = await findPayment(this.database, named, identityKey);
    return record === undefined ? reject('payment-not-found') : accept(writeRecord(record));
  }
}

const writeTaken = ({ outpoint, transitionId, claimedAt, ...taken }: TakenPayment): PaymentView => ({
  ...taken,
  outpoint: printOutpoint(outpoint),
  submission: transitionId,
  claimedAt: claimedAt.toISOString(),
});

const readReference = (reference: string): Outpoint | undefined => {
  const [, txid = '', vout = ''] = OUTPOINT.exec(reference) ?? [];
  return isTxid(txid) && Number(vout) <= VOUT_MAX ? makeOutpoint(txid, Number(vout)) : undefined;
};

const writeRecord = (record: PaymentRecord): PaymentAnswer => {
  const { method, path, price, planVersion, expiresAt, seen } = record;
  const { outpoint, paid, settlement, claimedAt, transitionId } = record;
  const terms = { method, path, satoshis: price, planVersion, expiresAt: expiresAt.toISOString() };
  if (outpoint === null || paid === null || settlement === null || claimedAt === null)
    return { state: seen ? 'unknown' : 'not-seen', terms };
  return {
    state: 'claimed',
    terms,
    payment: {
      outpoint: printOutpoint(outpoint),
      satoshis: paid,
      settlement,
      claimedAt: claimedAt.toISOString(),
      submission: transitionId,
    },
  };
};

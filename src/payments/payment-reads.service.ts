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
import { type PaymentRecord, findPayment } from '#ledger';

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

const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9]\d{0,9})$/u;
const VOUT_MAX = 0xffff_ffff;

/** What became of a payment. That of another is as absent as one that never was. */
@Injectable()
export class PaymentReads {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  async describe(identityKey: string, reference: string): Promise<Result<PaymentAnswer>> {
    const outpoint = readReference(reference);
    const named = outpoint === undefined ? { prefix: reference } : { outpoint };
    const record = await findPayment(this.database, named, identityKey);
    return record === undefined ? reject('payment-not-found') : accept(writeRecord(record));
  }
}

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

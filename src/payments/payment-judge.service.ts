import { Inject, Injectable } from '@nestjs/common';
import {
  type Charge,
  type CheckedPayment,
  type GraphTransaction,
  type Outpoint,
  type PaymentTerms,
  type Result,
  type Satoshis,
  type StrangerDialect,
  type Transaction,
  accept,
  checkPayment,
  reject,
  rejections,
} from '#atomic-core';
import type { ExposureBounds, PaymentKept } from '#ledger';
import { CONFIG, type Config, findOperator } from '../config';
import { KeyRing } from '../keys';
import { VerificationService } from '../verification';

/** A payment that was checked in full and not yet taken: it is the claim, in the ledger, that lets one request have it. */
export interface PaymentTicket {
  readonly kind: 'payment';
  readonly outpoint: Outpoint;
  readonly prefix: string;
  /** What the output really pays. */
  readonly satoshis: Satoshis;
  /** The payment transaction (last) and its ancestors, parents first. */
  readonly graph: readonly GraphTransaction[];
  /** What may be served for it and its like before the network has it; undefined where it is in a block, or nothing bounds it. */
  readonly exposure?: ExposureBounds;
  /** How its output is spent, and by whom it is kept. */
  readonly kept: PaymentKept;
  /** What was charged for, and by which plan. */
  readonly charge: Charge;
  /** Under which it is written on its terms that it has come; absent where it came without a session. */
  readonly mark?: Uint8Array;
  /** Where it came without a session: how, and whose key it was derived with. */
  readonly stranger?: {
    readonly dialect: StrangerDialect;
    readonly payer: string;
    /** Whose account it is of: the organisation of that key. */
    readonly holder: string;
  };
}

/** What is to be drawn from the account of who asks, and was there when it was looked at: it is the draw, in the ledger, that decides. */
export interface DrawTicket {
  readonly kind: 'draw';
  readonly satoshis: Satoshis;
  readonly charge: Charge;
}

/** By what a request is paid for. */
export type FundsTicket = PaymentTicket | DrawTicket;

export type ProvenPayment = Pick<PaymentTicket, 'outpoint' | 'satoshis' | 'kept' | 'graph' | 'exposure'>;
type Check = (payment: Transaction) => Result<CheckedPayment> | Promise<Result<CheckedPayment>>;

/** Whether a payment pays, in every dialect by the same steps: its bytes, its output, its roots, its scripts. */
@Injectable()
export class PaymentJudge {
  private readonly treasury: string | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(VerificationService) private readonly verification: VerificationService,
  ) {
    this.treasury = findOperator(config);
  }

  /** The output is checked before the chain is asked and before any script runs: a payment that does not pay costs its caller nothing, so it must cost us little. */
  async judge(transaction: Uint8Array, check: Check): Promise<Result<ProvenPayment>> {
    const read = blamePayment(await this.verification.read(transaction));
    if (!read.ok) return read;
    const checked = await check(read.value.subject);
    if (!checked.ok) return checked;
    const proven = blamePayment(await this.verification.prove(read.value));
    if (!proven.ok) return proven;
    const graph = proven.value.transactions;
    const { exposure } = this.config;
    const isBound = graph.at(-1)?.bump === undefined && Object.keys(exposure).length > 0;
    const { outpoint, satoshis, derivation, lockingScript } = checked.value;
    const kept = { derivation, lockingScript, treasury: this.treasury };
    return accept({ outpoint, satoshis, kept, graph, ...(isBound && { exposure }) });
  }

  /** To any key that is in force: terms may be paid over a change of keys, and the payer was told the one of then. */
  check(terms: PaymentTerms, suffix: string, payment: Transaction): Result<CheckedPayment> {
    let checked: Result<CheckedPayment> = reject('payment-wrong-key');
    for (const keys of this.ring.list()) {
      checked = checkPayment(keys, terms, suffix, payment);
      if (checked.ok || checked.rejection.code !== 'payment-wrong-key') return checked;
    }
    return checked;
  }
}

function blamePayment<T>(verified: Result<T>): Result<T> {
  if (verified.ok) return verified;
  const { code, detail } = verified.rejection;
  // Ours to retry, not the caller's to pay again.
  if (rejections[code].status >= 500) return verified;
  return reject('payment-unproven', `${code}: ${detail}`);
}

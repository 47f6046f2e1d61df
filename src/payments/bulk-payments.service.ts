import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { accept, type Result, type Satoshis } from '#atomic-core';
import { isRequestPaid, keyOfRequest } from '#ledger';
import { callerOf } from '../identity';
import { Charges } from './charges.service';
import { digestRequest } from './digest-request';
import { PaymentClaims } from './payment-claims.service';
import { PaymentGate } from './payment-gate.service';

/** What each part costs where a batch has no price of its own. */
const SUBMISSION = { method: 'POST', path: '/v1/submissions' } as const;

/**
 * Takes the payment of a request of many parts before the first of them is served. It is paid for once: the same request again is served whenever it
 * comes, because its parts answer with their receipts, and what was cut off half-way must not cost twice.
 */
@Injectable()
export class BulkPayments {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PaymentGate) private readonly gate: PaymentGate,
    @Inject(PaymentClaims) private readonly claims: PaymentClaims,
    @Inject(Charges) private readonly charges: Charges,
  ) {}

  /** What was taken now; undefined where nothing had to be. */
  async take(request: FastifyRequest, quantity: number): Promise<Result<Satoshis | undefined>> {
    if (!this.charges.isPriced(request, SUBMISSION)) return accept(undefined);
    const caller = callerOf(request);
    const digest = digestRequest(request);
    if (await isRequestPaid(this.database, caller, digest)) return accept(undefined);
    const ticket = await this.gate.admit(request, quantity, SUBMISSION);
    if (!ticket.ok || ticket.value === undefined) return ticket.ok ? accept(undefined) : ticket;
    const order = { caller, requestDigest: digest, served: request, key: keyOfRequest(digest) };
    const claimed = await this.claims.claim(order, ticket.value);
    return claimed.ok ? accept(ticket.value.satoshis) : claimed;
  }
}

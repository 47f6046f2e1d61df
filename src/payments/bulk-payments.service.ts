import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { accept, type Result, type Satoshis } from '#atomic-core';
import { isRequestPaid } from '#ledger';
import { callerOf } from '../identity';
import { digestRequest } from './digest-request';
import { PaymentClaims } from './payment-claims.service';
import { PaymentGate } from './payment-gate.service';

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
  ) {}

  /** What was taken now; undefined where nothing had to be. */
  async take(request: FastifyRequest, quantity: number): Promise<Result<Satoshis | undefined>> {
    if (this.gate.priceOf(request) === 0) return accept(undefined);
    const caller = callerOf(request);
    const digest = digestRequest(request);
    if (await isRequestPaid(this.database, caller, digest)) return accept(undefined);
    const ticket = await this.gate.admit(request, quantity);
    if (!ticket.ok || ticket.value === undefined) return ticket.ok ? accept(undefined) : ticket;
    const claimed = await this.claims.claim(caller, digest, ticket.value);
    return claimed.ok ? accept(ticket.value.satoshis) : claimed;
  }
}

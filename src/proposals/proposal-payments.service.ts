import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { accept, type Result, type Satoshis } from '#atomic-core';
import { isRequestPaid } from '#ledger';
import { callerOf } from '../identity';
import { digestRequest, PaymentClaims, PaymentGate, type PaymentTicket } from '../payments';

const SUBMISSION = { method: 'POST', path: '/v1/submissions' } as const;

/**
 * What a proposal costs: its own price, else that of a submission, so that it is no way round. Whoever proposes pays, when the transaction is verified and kept;
 * the COMMIT costs nothing more, and what never gets its quorum is not paid back.
 */
@Injectable()
export class ProposalPayments {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PaymentGate) private readonly gate: PaymentGate,
    @Inject(PaymentClaims) private readonly claims: PaymentClaims,
  ) {}

  /** Checked in full and not yet taken; undefined where nothing has to be paid. */
  async admit(request: FastifyRequest): Promise<Result<PaymentTicket | undefined>> {
    const price = this.gate.priceLike(request, SUBMISSION);
    const { identityKey } = callerOf(request);
    if (price === 0 || (await isRequestPaid(this.database, identityKey, digestRequest(request))))
      return accept(undefined);
    return this.gate.admit(request, 1, price);
  }

  async take(request: FastifyRequest, ticket: PaymentTicket | undefined): Promise<Result<Satoshis | undefined>> {
    if (ticket === undefined) return accept(undefined);
    const claimed = await this.claims.claim(callerOf(request), digestRequest(request), ticket);
    return claimed.ok ? accept(ticket.satoshis) : claimed;
  }
}

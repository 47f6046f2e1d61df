import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { accept, reject, type Result, type Satoshis } from '#atomic-core';
import { isProposalPaid } from '#ledger';
import { callerOf } from '../identity';
import { digestRequest, PaymentClaims, PaymentGate, type PaymentTicket } from '../payments';

const SUBMISSION = { method: 'POST', path: '/v1/submissions' } as const;

/**
 * What a proposal costs: its own price, else that of a submission, so that it is no way round. Whoever proposes pays, when the transaction is verified and kept;
 * the COMMIT costs nothing more, and what never gets its quorum is not paid back. One payment is for one proposal: who ends it and proposes the same again pays again.
 */
@Injectable()
export class ProposalPayments {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PaymentGate) private readonly gate: PaymentGate,
    @Inject(PaymentClaims) private readonly claims: PaymentClaims,
  ) {}

  /** Checked in full and not yet taken; undefined where nothing has to be paid. */
  async admit(request: FastifyRequest, termsDigest: Buffer): Promise<Result<PaymentTicket | undefined>> {
    const price = this.gate.priceLike(request, SUBMISSION);
    if (price === 0 || (await this.isPaid(request, termsDigest))) return accept(undefined);
    return this.gate.admit(request, 1, price);
  }

  async take(
    request: FastifyRequest,
    ticket: PaymentTicket | undefined,
    termsDigest: Buffer,
  ): Promise<Result<Satoshis | undefined>> {
    if (ticket === undefined) return accept(undefined);
    const claimed = await this.claims.claim(callerOf(request), digestRequest(request), ticket);
    if (!claimed.ok) return claimed;
    // Sent again with the proposal that it paid for ended meanwhile.
    if (claimed.value === 'replayed' && !(await this.isPaid(request, termsDigest)))
      return reject('payment-already-spent', 'it paid for a proposal that has ended');
    return accept(ticket.satoshis);
  }

  private isPaid(request: FastifyRequest, termsDigest: Buffer): Promise<boolean> {
    const { identityKey } = callerOf(request);
    return isProposalPaid(this.database, { identityKey, requestDigest: digestRequest(request) }, termsDigest);
  }
}

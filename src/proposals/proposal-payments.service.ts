import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { accept, reject, type Result, type Satoshis } from '#atomic-core';
import { isProposalPaid } from '#ledger';
import { callerOf } from '../identity';
import { Charges, digestRequest, PaymentClaims, PaymentGate, type FundsTicket } from '../payments';

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
    @Inject(Charges) private readonly charges: Charges,
  ) {}

  /** Checked in full and not yet taken; undefined where nothing has to be paid. */
  async admit(request: FastifyRequest, termsDigest: Buffer): Promise<Result<FundsTicket | undefined>> {
    if (!this.charges.isPriced(request, SUBMISSION) || (await this.isPaid(request, termsDigest)))
      return accept(undefined);
    return this.gate.admit(request, 1, SUBMISSION);
  }

  async take(
    request: FastifyRequest,
    ticket: FundsTicket | undefined,
    termsDigest: Buffer,
  ): Promise<Result<Satoshis | undefined>> {
    if (ticket === undefined) return accept(undefined);
    const claimed = await this.claims.claim(
      // Each proposal is drawn for anew, whatever key its request has.
      {
        ...{ caller: callerOf(request), requestDigest: digestRequest(request), served: request },
        key: `proposal:${randomUUID()}`,
      },
      ticket,
    );
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

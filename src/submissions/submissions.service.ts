import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import type { Result } from '#atomic-core';
import { findReplay, type Receipt } from '#ledger';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { PaymentGate } from '../payments';
import { PolicyDecisions } from '../policies';
import { withSpan } from '../telemetry';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { readRequest, type SubmissionRequest } from './read-request';
import { Transitions, type SubmissionAnswer } from './transitions.service';

/** The story of one submission. Each step calls the next and none calls back. */
@Injectable()
export class SubmissionsService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
    @Inject(PaymentGate) private readonly payments: PaymentGate,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(Transitions) private readonly transitions: Transitions,
  ) {}

  async submit(request: FastifyRequest): Promise<SubmissionAnswer> {
    const caller = callerOf(request);
    // What is asked, and of whom. Free to refuse: nobody has paid yet.
    const asked = unwrap(readRequest(request));
    const managers = unwrap(this.topics.listTopics(asked.submission.topics));
    // The same request again gets the same receipt, before anybody speaks of money.
    const replayed = unwrap(await this.findReplay(caller.organisation, asked));
    if (replayed !== undefined) return { kind: 'replayed', receipt: replayed };
    // Who may submit to these topics, and what that rests on.
    const grant = unwrap(await this.policies.of(request).admit(asked.submission.topics));
    // What it costs: checked in full, not yet taken.
    const payment = unwrap(await withSpan('payment', {}, () => this.payments.admit(request)));
    // Is it true, and does the chain agree?
    const { beef } = asked.submission;
    const transaction = unwrap(await withSpan('verify', { bytes: beef.length }, () => this.verification.verify(beef)));
    // What would change, and the one COMMIT that changes it.
    return unwrap(await this.transitions.apply({ caller, asked, transaction, managers, payment, grant }));
  }

  private findReplay(
    organisation: string,
    { requestKey, requestDigest }: SubmissionRequest,
  ): Promise<Result<Receipt | undefined>> {
    return withSpan('replay', {}, () => findReplay(this.database, organisation, requestKey, requestDigest));
  }
}

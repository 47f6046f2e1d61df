import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  accept,
  makeOutpoint,
  planTransition,
  type Result,
  type TopicManager,
  type TransitionPlan,
  type VerifiedTransaction,
} from '#atomic-core';
import {
  commitTransition,
  findCoins,
  findConflict,
  findReplay,
  listSpends,
  retractRivals,
  type Receipt,
} from '#ledger';
import { AuditService } from '../audit';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { PaymentGate } from '../payments';
import { withSpan } from '../telemetry';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { readRequest, type SubmissionRequest } from './read-request';
import type { Submission } from './read-submission';
import { PLANS_MAX, writeCommit, type CommitParts } from './write-commit';

export interface SubmissionAnswer {
  readonly kind: 'applied' | 'replayed';
  readonly receipt: Receipt;
}

/** The story of one submission. Each step calls the next and none calls back. */
@Injectable()
export class SubmissionsService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PaymentGate) private readonly payments: PaymentGate,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(AuditService) private readonly audit: AuditService,
  ) {}

  async submit(request: FastifyRequest): Promise<SubmissionAnswer> {
    const caller = callerOf(request);
    // What is asked, and of whom. Free to refuse: nobody has paid yet.
    const asked = unwrap(readRequest(request));
    const managers = unwrap(this.topics.listTopics(asked.submission.topics));
    // The same request again gets the same receipt, before anybody speaks of money.
    const replayed = unwrap(await this.findReplay(caller.organisation, asked));
    if (replayed !== undefined) return { kind: 'replayed', receipt: replayed };
    // What it costs: checked in full, not yet taken.
    const payment = unwrap(await withSpan('payment', {}, () => this.payments.admit(request)));
    // Is it true, and does the chain agree?
    const { beef } = asked.submission;
    const transaction = unwrap(await withSpan('verify', { bytes: beef.length }, () => this.verification.verify(beef)));
    // What would change, and the one COMMIT that changes it.
    return unwrap(await this.apply({ id: randomUUID(), caller, asked, transaction, payment }, managers));
  }

  private async apply(
    parts: Omit<CommitParts, 'plan' | 'audit'>,
    managers: readonly TopicManager[],
  ): Promise<Result<SubmissionAnswer>> {
    const { asked, transaction } = parts;
    const { subject, transactions } = transaction;
    // What is in a block outweighs whatever was applied before the block was known.
    if (subject.bump !== undefined) await retractRivals(this.database, listSpends(transactions));
    for (let attempt = 1; ; attempt += 1) {
      const plan = await withSpan('plan', {}, () => this.plan(asked.submission, transaction, managers));
      if (!plan.ok) return this.explain(plan, transaction);
      const input = writeCommit({ ...parts, plan: plan.value, audit: this.audit });
      const outcome = await withSpan('commit', {}, () => commitTransition(this.database, input));
      if (outcome.ok) return accept({ kind: outcome.value.kind, receipt: outcome.value.receipt });
      if (outcome.rejection.code !== 'coins-changed' || attempt === PLANS_MAX) return outcome;
    }
  }

  private async plan(
    { baskets }: Submission,
    transaction: VerifiedTransaction,
    managers: readonly TopicManager[],
  ): Promise<Result<TransitionPlan>> {
    const outpoints = transaction.subject.inputs.map(({ parentTxid, parentVout }) =>
      makeOutpoint(parentTxid, parentVout),
    );
    const topics = [];
    for (const manager of managers) {
      topics.push({ manager, coins: await findCoins(this.database, manager.name, outpoints) });
    }
    return planTransition({ transaction, topics, baskets });
  }

  /** A topic that misses a coin cannot know that somebody spent it or that the network refused it; the caller is told who, or what. */
  private async explain(refused: Result<never>, { transactions }: VerifiedTransaction): Promise<Result<never>> {
    const conflict = await findConflict(this.database, transactions, listSpends(transactions));
    return conflict.ok ? refused : conflict;
  }

  private findReplay(
    organisation: string,
    { requestKey, requestDigest }: SubmissionRequest,
  ): Promise<Result<Receipt | undefined>> {
    return withSpan('replay', {}, () => findReplay(this.database, organisation, requestKey, requestDigest));
  }
}

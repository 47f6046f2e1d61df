import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  makeOutpoint,
  planTransition,
  type Result,
  type TopicManager,
  type TransitionPlan,
  type TransitionQuestion,
  type VerifiedTransaction,
} from '#atomic-core';
import {
  findCoins,
  findConflict,
  listSpends,
  retractRivals,
  type OfferTaken,
  type ProposalTaken,
  type Receipt,
} from '#ledger';
import { AuditService } from '../audit';
import type { FundsTicket } from '../payments';
import type { PolicyGrant } from '../policies';
import { withSpan } from '../telemetry';
import type { SubmissionRequest } from './read-request';
import { writeQuestion } from './read-submission';
import { SingleCommits } from './single-commits.service';
import { PLANS_MAX, writeCommit, type Submitter } from './write-commit';

/** What is to become of a verified transaction, for whom, and on whose word. */
export interface TransitionOrder {
  readonly caller: Submitter;
  readonly asked: SubmissionRequest;
  readonly transaction: VerifiedTransaction;
  readonly managers: readonly TopicManager[];
  readonly payment?: FundsTicket | undefined;
  readonly offer?: OfferTaken;
  /** What several organisations agreed to, and who. */
  readonly proposal?: ProposalTaken;
  /** Undefined: it is of the gateway's own accord, or by a name that is open to anybody. */
  readonly grant?: PolicyGrant | undefined;
  /** See `TransitionQuestion`. */
  readonly keeps?: TransitionQuestion['keeps'];
  readonly elsewhere?: TransitionQuestion['elsewhere'];
  /** A last look at the plan by whoever knows more of it than its topics; a refusal ends the submission. */
  readonly checkPlan?: (plan: TransitionPlan) => Result<TransitionPlan>;
}

export interface SubmissionAnswer {
  readonly kind: 'applied' | 'replayed';
  readonly receipt: Receipt;
}

/** From a verified transaction to its COMMIT: what would change, and the one statement that changes it. Every route that changes state ends here. */
@Injectable()
export class Transitions {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(SingleCommits) private readonly commits: SingleCommits,
  ) {}

  async apply(order: TransitionOrder): Promise<Result<SubmissionAnswer>> {
    const { subject, transactions } = order.transaction;
    const id = randomUUID();
    // What is in a block outweighs whatever was applied before the block was known.
    if (subject.bump !== undefined) await retractRivals(this.database, listSpends(transactions));
    for (let attempt = 1; ; attempt += 1) {
      const plan = await withSpan('plan', {}, () => this.plan(order));
      if (!plan.ok) return this.explain(plan, order.transaction);
      const input = writeCommit({ ...order, id, plan: plan.value, audit: this.audit });
      const outcome = await withSpan('commit', {}, () => this.commits.commit(input));
      if (outcome.ok) return accept({ kind: outcome.value.kind, receipt: outcome.value.receipt });
      if (outcome.rejection.code !== 'coins-changed' || attempt === PLANS_MAX) return outcome;
    }
  }

  /** What would change now, with nothing done: for what is only kept until others agree to it. */
  async foresee(order: Pick<TransitionOrder, 'asked' | 'transaction' | 'managers'>): Promise<Result<TransitionPlan>> {
    const { subject, transactions } = order.transaction;
    // What is in a block displaces its rivals when it is applied.
    const conflict =
      subject.bump === undefined
        ? await findConflict(this.database, transactions, listSpends(transactions))
        : accept(undefined);
    return conflict.ok ? withSpan('plan', {}, () => this.plan(order)) : conflict;
  }

  private async plan(
    order: Pick<TransitionOrder, 'asked' | 'transaction' | 'managers' | 'keeps' | 'elsewhere' | 'checkPlan'>,
  ): Promise<Result<TransitionPlan>> {
    const { transaction, managers, asked, keeps, elsewhere, checkPlan = accept } = order;
    const outpoints = transaction.subject.inputs.map(({ parentTxid, parentVout }) =>
      makeOutpoint(parentTxid, parentVout),
    );
    const topics = [];
    for (const manager of managers) {
      topics.push({ manager, coins: await findCoins(this.database, manager.name, outpoints) });
    }
    const plan = await planTransition({
      ...{ transaction, topics },
      ...writeQuestion(asked.submission),
      ...(keeps && { keeps }),
      ...(elsewhere && { elsewhere }),
    });
    return plan.ok ? checkPlan(plan.value) : plan;
  }

  /** A topic that misses a coin cannot know that somebody spent it or that the network refused it; the caller is told who, or what. */
  private async explain(refused: Result<never>, { transactions }: VerifiedTransaction): Promise<Result<never>> {
    const conflict = await findConflict(this.database, transactions, listSpends(transactions));
    return conflict.ok ? refused : conflict;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  explainAcceptance,
  explainRefusal,
  reject,
  rejections,
  type Explanation,
  type RefusalFacts,
  type Rejection,
  type VerifiedTransaction,
} from '#atomic-core';
import { findHeadersAt } from '#ledger';
import { callerOf } from '../identity';
import { RejectionError, unwrap } from '../ingress';
import { PolicyDecisions } from '../policies';
import { withSpan } from '../telemetry';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { examine } from './examine';
import { foreseePlan, type ForeseenPlan, type PlanQuestion, type ReadMoment } from './foresee-plan';
import { readQuestion } from './read-question';

/** The story of a submission up to its COMMIT, told and not done. */
@Injectable()
export class VerificationsService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
  ) {}

  async explain(request: FastifyRequest): Promise<Explanation> {
    const caller = callerOf(request);
    const asked = readQuestion(request);
    // What is wrong with the transaction is the answer; what is wrong with the question is a problem, as on every route.
    if (!asked.ok && asked.rejection.code === 'beef-malformed') return refuse(asked.rejection, { stage: 'read' });
    const submission = unwrap(asked);
    const { beef, topics } = submission;
    const managers = unwrap(this.topics.listTopics(topics));
    // As a submission would be told, before anybody works for it.
    const granted = await this.policies.of(request).admit(topics);
    if (!granted.ok) return refuse(granted.rejection, { stage: 'plan' });
    const examined = await withSpan('verify', { bytes: beef.length }, () => examine(this.verification, beef));
    if (!examined.ok) return refuse(examined.rejection, examined);
    const { transaction, accounts } = examined;
    const blocks = await this.findBlocks(transaction);
    const facts = { beef, blocks, accounts };
    const foreseen =
      managers.length === 0 ? undefined : await this.foresee({ caller, transaction, managers, submission });
    if (foreseen?.ok === false) return this.refusePlan(foreseen, transaction, beef);
    const explanation = explainAcceptance(transaction, { ...facts, plan: foreseen?.plan ?? null });
    // The best chain changed since the roots were judged, and the verdict with it.
    return explanation ?? unwrap(reject('chain-unsettled'));
  }

  /** PostgreSQL holds us to it: in a READ ONLY transaction nothing can be written, and REPEATABLE READ makes it one moment. */
  private foresee(question: PlanQuestion): Promise<ForeseenPlan> {
    const read: ReadMoment = (work) =>
      this.database.transaction('REPEATABLE READ', async (manager) => {
        await manager.query('set transaction read only');
        return work(manager);
      });
    return withSpan('plan', {}, () => foreseePlan(read, question));
  }

  private async refusePlan(
    { rejection, spentBy }: Extract<ForeseenPlan, { ok: false }>,
    { subject }: VerifiedTransaction,
    beef: Uint8Array,
  ): Promise<Explanation> {
    const at = rejection.at ?? { txid: subject.txid };
    const place = await this.verification.locate(beef, at.txid);
    return refuse({ ...rejection, at }, { stage: 'plan', place, spentBy });
  }

  private async findBlocks({
    transactions,
  }: VerifiedTransaction): Promise<Map<number, { hash: string; merkleRoot: string }>> {
    const heights = new Set(transactions.flatMap(({ bump }) => (bump === undefined ? [] : [bump.height])));
    const headers = await findHeadersAt(this.database, [...heights]);
    return new Map(headers.map(({ height, hash, header }) => [height, { hash, merkleRoot: header.merkleRoot }]));
  }
}

/** "Not known now" is no verdict: a 5xx of ours is answered as everywhere. */
function refuse(rejection: Rejection, facts: RefusalFacts): Explanation {
  if (rejections[rejection.code].status >= 500) throw new RejectionError(rejection);
  return explainRefusal(rejection, facts);
}

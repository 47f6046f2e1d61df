import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  accept,
  digestProposal,
  reject,
  type ProposalTerms,
  type Result,
  type Satoshis,
  type Txid,
} from '#atomic-core';
import { findSameProposal, isFullOfProposals, proposeTransaction } from '#ledger';
import { callerOf, type Caller } from '../identity';
import { KeyRing } from '../keys';
import { SUBMIT_TO_TOPIC, type CallerPolicies } from '../policies';
import { Transitions } from '../submissions';
import { withSpan } from '../telemetry';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { ProposalPayments } from './proposal-payments.service';
import { hashContent, storeContent } from './proposed-content';
import { readProposal, type AskedProposal } from './read-proposal';

export interface MadeProposal {
  readonly id: string;
  /** What was taken for it now. */
  readonly paid: Satoshis | undefined;
}

/** The story of a submission up to its plan; what would follow is kept until others have agreed to it. */
@Injectable()
export class ProposingService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(ProposalPayments) private readonly payments: ProposalPayments,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(Transitions) private readonly transitions: Transitions,
  ) {}

  async propose(request: FastifyRequest, policies: CallerPolicies): Promise<Result<MadeProposal>> {
    const caller = callerOf(request);
    const asked = readProposal(request);
    if (!asked.ok) return asked;
    const { submission, parties, step } = asked.value;
    const managers = this.topics.listTopics(submission.topics);
    if (!managers.ok) return managers;
    const graph = await this.verification.read(submission.beef);
    if (!graph.ok) return graph;
    const terms = this.writeTerms(caller, asked.value, graph.value.subject.txid);
    // The same proposal again is found, before anybody speaks of money.
    const same = await this.findSame(terms);
    if (!same.ok || same.value !== undefined) return same.ok ? accept({ id: same.value ?? '', paid: undefined }) : same;
    if (await isFullOfProposals(this.database, caller.organisation)) return reject('proposals-exhausted');
    // Would all of them together be enough? Nobody is to agree to what the policies would never permit.
    const agreed = { action: SUBMIT_TO_TOPIC, approvals: parties, step };
    const granted = await policies.admitAgreed(submission.topics, agreed);
    if (!granted.ok) return granted;
    const requestDigest = digestProposal(terms);
    const payment = await withSpan('payment', {}, () => this.payments.admit(request, requestDigest));
    if (!payment.ok) return payment;
    const transaction = await withSpan('verify', { bytes: submission.beef.length }, () =>
      this.verification.prove(graph.value),
    );
    if (!transaction.ok) return transaction;
    const plan = await this.transitions.foresee({
      ...{ asked: { submission, requestKey: '', requestDigest }, managers: managers.value },
      transaction: transaction.value,
    });
    if (!plan.ok) return plan;
    const paid = await this.payments.take(request, payment.value, requestDigest);
    if (!paid.ok) return paid;
    const made = await this.keep(caller, terms, asked.value);
    return made.ok ? accept({ id: made.value, paid: paid.value }) : made;
  }

  private async findSame(terms: ProposalTerms): Promise<Result<string | undefined>> {
    const same = await findSameProposal(this.database, terms.proposer.organisation, terms);
    if (same === undefined) return accept(undefined);
    return same.termsDigest.equals(digestProposal(terms)) ? accept(same.id) : reject('proposal-conflict');
  }

  private writeTerms(
    { organisation, identityKey }: Caller,
    { submission, step, parties, needed, deadline }: AskedProposal,
    txid: Txid,
  ): ProposalTerms {
    return {
      ...{ gateway: this.ring.identityKey, txid, topics: submission.topics, step, deadline, parties, needed },
      ...{ proposer: { organisation, identityKey }, content: hashContent(submission) },
    };
  }

  private keep({ requestId }: Caller, terms: ProposalTerms, { submission }: AskedProposal): Promise<Result<string>> {
    const { beef, offChainValues } = submission;
    const values = offChainValues && { offChainValues };
    const kept = { beef, ...values, content: storeContent(submission) };
    return proposeTransaction(this.database, { id: randomUUID(), requestId, terms, ...kept });
  }
}

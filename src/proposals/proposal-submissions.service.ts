import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  countQuorum,
  reject,
  rejections,
  type Rejection,
  type RejectionCode,
  type Result,
  type VerifiedTransaction,
} from '#atomic-core';
import { findProposal, findProposedContent, type Proposal, type ProposalTaken } from '#ledger';
import { joinGrants, type PolicyGrant } from '../policies';
import { Transitions, type Submission, type SubmissionAnswer } from '../submissions';
import { withSpan } from '../telemetry';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { Agreements, type WeighedApproval } from './agreements.service';
import { openContent } from './proposed-content';

/** What it rests on may change between the look and the COMMIT; whoever meets that so often in a row is told to come back. */
const COUNTS_MAX = 3;
/** Count again: without what has ended, the others may suffice. */
const RECOUNTED: ReadonlySet<RejectionCode> = new Set(['approval-lapsed', 'certificate-revoked', 'revocation-unknown']);

interface Counted {
  readonly grant: PolicyGrant;
  readonly taken: ProposalTaken;
}

/** From the approvals of a proposal to the one COMMIT that counts them, consumes it and applies the transaction. */
@Injectable()
export class ProposalSubmissions {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Agreements) private readonly agreements: Agreements,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(Transitions) private readonly transitions: Transitions,
  ) {}

  /** In the name of the proposer, whoever of those who take part asks for it. The same proposal again gets the same receipt. */
  async submit(found: Proposal, requestId: string): Promise<Result<SubmissionAnswer>> {
    const outcome = await this.attempt(found, requestId);
    if (outcome.ok) return outcome;
    // Another may have submitted it meanwhile: what it left is then gone, its coins are spent, and that is no refusal.
    const { submission: done } = await this.look(found);
    return done === undefined ? outcome : accept({ kind: 'replayed', receipt: done.receipt });
  }

  private async attempt(found: Proposal, requestId: string): Promise<Result<SubmissionAnswer>> {
    let proposal = found;
    let transaction: VerifiedTransaction | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const { submission: done } = proposal;
      if (done !== undefined) return accept({ kind: 'replayed', receipt: done.receipt });
      const counted = await this.count(proposal);
      if (!counted.ok) return counted;
      const submission = await this.open(proposal);
      if (!submission.ok) return submission;
      const verified: Result<VerifiedTransaction> =
        transaction === undefined ? await this.verify(submission.value) : accept(transaction);
      if (!verified.ok) return verified;
      transaction = verified.value;
      const outcome = await this.apply({ proposal, requestId, counted: counted.value, transaction, ...submission });
      if (outcome.ok || attempt === COUNTS_MAX || !RECOUNTED.has(outcome.rejection.code)) return outcome;
      proposal = await this.look(proposal);
    }
  }

  private async look({ id, terms }: Proposal): Promise<Proposal> {
    const seen = await findProposal(this.database, [terms.proposer.organisation], id);
    if (seen === undefined) throw new Error('A proposal is not there any more.');
    return seen;
  }

  /** Whether the quorum stands at this moment, and what that rests on. */
  private async count(proposal: Proposal): Promise<Result<Counted>> {
    const { terms, state, id } = proposal;
    if (state !== 'open') return reject('proposal-ended', `it is ${state}`);
    const weighed = await this.agreements.weigh(proposal);
    const sound = weighed.flatMap((one) => (one.ok ? [one.value] : []));
    const approvals = sound.map(({ counted }) => counted);
    const quorum = countQuorum({ ...terms, proposerKey: terms.proposer.identityKey }, approvals);
    if (!quorum.stands) return refuseFew(proposal, quorum.organisations.length, weighed);
    const proposer = await this.agreements.judgeProposer(proposal, quorum);
    if (!proposer.ok) return proposer;
    return accept({
      grant: joinGrants([proposer.value, ...sound.map(({ grant }) => grant)]),
      taken: { id, approvals, trust: sound.flatMap(({ trust }) => trust) },
    });
  }

  private async open(proposal: Proposal): Promise<Result<Submission>> {
    const kept = await findProposedContent(this.database, proposal.id);
    return kept === undefined ? reject('proposal-ended') : accept(openContent(proposal, kept));
  }

  private verify({ beef }: Submission): Promise<Result<VerifiedTransaction>> {
    return withSpan('verify', { bytes: beef.length }, () => this.verification.verify(beef));
  }

  private async apply({ proposal, requestId, counted, transaction, value: submission }: Application) {
    const { proposer, topics, txid } = proposal.terms;
    if (transaction.subject.txid !== txid) throw new Error('What a proposal keeps is another transaction.');
    const managers = this.topics.listTopics(topics);
    if (!managers.ok) return managers;
    return this.transitions.apply({
      caller: { ...proposer, requestId },
      asked: { submission, requestKey: `proposal:${proposal.id}`, requestDigest: proposal.termsDigest },
      ...{ transaction, managers: managers.value, grant: counted.grant, proposal: counted.taken },
    });
  }
}

interface Application {
  readonly proposal: Proposal;
  readonly requestId: string;
  readonly counted: Counted;
  readonly transaction: VerifiedTransaction;
  readonly value: Submission;
}

/** Where one of them could not be judged now, that is what the caller hears: nobody is told that it lacks what may be there. */
function refuseFew({ terms }: Proposal, heard: number, weighed: readonly WeighedApproval[]): Result<never> {
  const refused = weighed.flatMap((one): Rejection[] => (one.ok ? [] : [one.rejection]));
  const unjudged = refused.find(({ code }) => rejections[code].status >= 500);
  if (unjudged !== undefined) return { ok: false, rejection: unjudged };
  const ended = refused.length === 0 ? '' : `; ${String(refused.length)} given no longer count`;
  return reject('quorum-incomplete', `${String(heard)} of ${String(terms.needed)} have approved${ended}`);
}

import {
  listPlanFacts,
  type GraphTransaction,
  type SubmissionMode,
  type TransitionPlan,
  type VerifiedTransaction,
} from '#atomic-core';
import { listSpends, type CommitInput, type OfferTaken, type OutboxMessage, type ProposalTaken } from '#ledger';
import type { AuditService } from '../audit';
import type { Caller } from '../identity';
import type { FundsTicket } from '../payments';
import type { PolicyGrant } from '../policies';
import type { SubmissionRequest } from './read-request';
import { writeFunds } from './write-funds';

/** A coin of the subject may be admitted or taken while its topics are asked; who meets that this often in a row is told to come back. */
export const PLANS_MAX = 3;

/** Whoever a transition is applied for: a caller, or the gateway itself where it follows another host. */
export type Submitter = Pick<Caller, 'identityKey' | 'organisation' | 'requestId'>;

export interface CommitParts {
  readonly id: string;
  readonly caller: Submitter;
  readonly asked: SubmissionRequest;
  readonly transaction: VerifiedTransaction;
  readonly payment?: FundsTicket | undefined;
  readonly offer?: OfferTaken;
  readonly proposal?: ProposalTaken;
  readonly grant?: PolicyGrant | undefined;
  readonly plan: TransitionPlan;
  readonly audit: AuditService;
}

/** Everything that the submission changes, and everything that follows, as the one statement takes it. */
export function writeCommit(parts: CommitParts): CommitInput {
  const { id, caller, asked, transaction, payment, offer, proposal, grant, plan, audit } = parts;
  const { subject } = transaction;
  const { organisation, identityKey, requestId } = caller;
  const { before, after } = listPlanFacts(plan, subject.txid);
  const funds = payment && writeFunds(payment, { id, transaction, plan });
  const policyFacts = grant === undefined ? [] : [`policies ${grant.policyVersion}`];
  const leaf = audit.writeLeaf({
    decision: 'applied',
    caller,
    subject: subject.txid,
    before,
    after: [...after, ...(funds?.facts ?? []), ...policyFacts, ...listAgreed(proposal)],
  });
  const graphs = [transaction.transactions, ...(payment?.kind === 'payment' ? [payment.graph] : [])];
  const { requestKey, requestDigest, submission } = asked;
  const { labels, offChainValues, reservation, mode } = submission;
  return {
    transition: {
      id,
      organisation,
      identityKey,
      requestId,
      requestKey,
      requestDigest,
      txid: subject.txid,
      // A topic that was left out has not judged it.
      topics: plan.topics.map(({ topic }) => topic),
      labels,
      ...(offChainValues && { offChainValues }),
      ...(grant && { policyVersion: Buffer.from(grant.policyVersion, 'hex') }),
    },
    transactions: graphs.flat(),
    spends: graphs.flatMap(listSpends),
    topics: plan.topics,
    baskets: { add: plan.baskets },
    ...funds?.taken,
    ...(reservation !== undefined && { reservation }),
    ...(offer && { offer }),
    ...(proposal && { proposal }),
    ...(grant !== undefined && grant.reliesOn.length > 0 && { relies: grant.reliesOn }),
    outbox: listMessages(graphs, mode),
    leaf,
    receipt: {
      id,
      txid: subject.txid,
      admittance: plan.steak,
      // What goes into the basket of another is that one's to know.
      basketsAdded: plan.baskets
        .filter((output) => output.organisation === undefined)
        .map(({ vout, basket }) => ({ basket, outpoint: `${subject.txid}.${vout}` })),
      payment: null,
      ...funds?.receipt,
    },
  };
}

/** Which signed statements were counted: by these the leaf can be judged again. */
const listAgreed = (proposal: ProposalTaken | undefined): readonly string[] =>
  proposal === undefined
    ? []
    : [
        `proposal ${proposal.id}`,
        ...proposal.approvals.map(
          ({ organisation, statementHash }) => `approval ${organisation} ${Buffer.from(statementHash).toString('hex')}`,
        ),
      ];

/** The subject and the payment go to the network; what is in a block already, or comes from the history of another host, only has its proof looked after. */
function listMessages(graphs: readonly (readonly GraphTransaction[])[], mode: SubmissionMode): OutboxMessage[] {
  const messages = new Map<string, OutboxMessage>();
  for (const [place, graph] of graphs.entries()) {
    const last = graph.at(-1);
    if (last === undefined) continue;
    const isKnownThere = last.bump !== undefined || (place === 0 && mode !== 'current-tx');
    const kind = isKnownThere ? 'proof' : 'broadcast';
    messages.set(last.txid, { kind, dedupeKey: `${kind}:${last.txid}`, payload: { txid: last.txid } });
  }
  return [...messages.values()];
}

import {
  listPlanFacts,
  printOutpoint,
  type GraphTransaction,
  type TransitionPlan,
  type VerifiedTransaction,
} from '#atomic-core';
import { listSpends, type CommitInput, type OutboxMessage } from '#ledger';
import type { AuditService } from '../audit';
import type { Caller } from '../identity';
import type { PaymentTicket } from '../payments';
import type { SubmissionRequest } from './read-request';

/** A coin of the subject may be admitted or taken while its topics are asked; who meets that this often in a row is told to come back. */
export const PLANS_MAX = 3;

export interface CommitParts {
  readonly id: string;
  readonly caller: Caller;
  readonly asked: SubmissionRequest;
  readonly transaction: VerifiedTransaction;
  readonly payment: PaymentTicket | undefined;
  readonly plan: TransitionPlan;
  readonly audit: AuditService;
}

/** Everything that the submission changes, and everything that follows, as the one statement takes it. */
export function writeCommit({ id, caller, asked, transaction, payment, plan, audit }: CommitParts): CommitInput {
  const { subject } = transaction;
  const { organisation, identityKey, requestId } = caller;
  const { before, after } = listPlanFacts(plan, subject.txid);
  const paid = payment && { satoshis: payment.satoshis, outpoint: printOutpoint(payment.outpoint) };
  const paidFacts = paid === undefined ? [] : [`paid ${paid.outpoint} ${paid.satoshis}`];
  const leaf = audit.writeLeaf({
    decision: 'applied',
    caller,
    subject: subject.txid,
    before,
    after: [...after, ...paidFacts],
  });
  const graphs = [transaction.transactions, ...(payment === undefined ? [] : [payment.graph])];
  const { requestKey, requestDigest, submission } = asked;
  return {
    transition: {
      id,
      organisation,
      identityKey,
      requestId,
      requestKey,
      requestDigest,
      txid: subject.txid,
      topics: submission.topics,
    },
    transactions: graphs.flat(),
    spends: graphs.flatMap(listSpends),
    topics: plan.topics,
    baskets: { add: plan.baskets },
    ...(payment && { payment: { outpoint: payment.outpoint, prefix: payment.prefix, satoshis: payment.satoshis } }),
    outbox: listMessages(graphs),
    leaf,
    receipt: {
      id,
      txid: subject.txid,
      admittance: plan.steak,
      basketsAdded: plan.baskets.map(({ vout, basket }) => ({ basket, outpoint: `${subject.txid}.${vout}` })),
      payment: paid ?? null,
    },
  };
}

/** The subject and the payment go to the network; what is in a block already only has its proof looked after. */
function listMessages(graphs: readonly (readonly GraphTransaction[])[]): OutboxMessage[] {
  const messages = new Map<string, OutboxMessage>();
  for (const graph of graphs) {
    const last = graph.at(-1);
    if (last === undefined) continue;
    const kind = last.bump === undefined ? 'broadcast' : 'proof';
    messages.set(last.txid, { kind, dedupeKey: `${kind}:${last.txid}`, payload: { txid: last.txid } });
  }
  return [...messages.values()];
}

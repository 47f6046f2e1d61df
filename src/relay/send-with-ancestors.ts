import { writeExtendedFormat } from '#atomic-core';
import type { GraphTransaction, TransactionOutput, Txid } from '#atomic-core';
import type { BroadcastOutcome } from '#ports';
import type { RelayContext } from './relay-context';

type Sender = Pick<RelayContext, 'broadcaster' | 'stopping'>;

/** What the network said, and of which transaction: when it refuses an ancestor, the ancestor has to go and the subject goes with it. */
export interface SendOutcome {
  readonly txid: Txid;
  readonly outcome: BroadcastOutcome;
}

const unknown = (detail: string): BroadcastOutcome => ({ kind: 'unknown', detail });

/** Undefined when a parent is not stored: what was proven came without its parents, and a reorg may have taken the proof since. */
const encode = (transaction: GraphTransaction, graph: ReadonlyMap<Txid, GraphTransaction>): Uint8Array | undefined => {
  const parentOutputs: TransactionOutput[] = [];
  for (const input of transaction.inputs) {
    const output = graph.get(input.parentTxid)?.outputs[input.parentVout];
    if (output === undefined) return undefined;
    parentOutputs.push(output);
  }
  return writeExtendedFormat(transaction, parentOutputs);
};

/**
 * Sends the subject, the last of `transactions`, which stand parents first. Extended Format carries no ancestry, so when the network lacks a parent,
 * every unproven ancestor is sent first, in order, and the subject once more. The first refusal ends it.
 */
export const sendWithAncestors = async (
  sender: Sender,
  subject: GraphTransaction,
  transactions: readonly GraphTransaction[],
): Promise<SendOutcome> => {
  const graph = new Map(transactions.map((transaction) => [transaction.txid, transaction]));
  const send = async (transaction: GraphTransaction): Promise<BroadcastOutcome> => {
    const extendedFormat = encode(transaction, graph);
    if (extendedFormat === undefined) return unknown(`a parent of ${transaction.txid} is not stored`);
    return sender.broadcaster.broadcast(transaction.txid, extendedFormat, sender.stopping);
  };

  const { txid } = subject;
  const first = await send(subject);
  if (first.kind !== 'ancestors-missing') return { txid, outcome: first };
  for (const ancestor of transactions.slice(0, -1)) {
    // Proven ancestors are on the network; so, as far as anybody can tell, are those whose parents we were never given.
    if (ancestor.bump !== undefined || encode(ancestor, graph) === undefined) continue;
    const outcome = await send(ancestor);
    if (outcome.kind === 'refused') return { txid: ancestor.txid, outcome };
    if (outcome.kind !== 'accepted') return { txid, outcome: unknown(`ancestor ${ancestor.txid}: ${outcome.kind}`) };
  }
  return { txid, outcome: await send(subject) };
};

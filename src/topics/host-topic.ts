import {
  accept,
  reject,
  type Coin,
  type GraphTransaction,
  type Result,
  type SubmissionContext,
  type TopicVerdict,
  type Txid,
  type VerifiedTransaction,
} from '#atomic-core';
import { introduce } from './introduce';
import type { HostedTopic, NeededInput } from './hosted-topic';
import { readAdmittance } from './read-admittance';
import type { ExtensionThread } from './thread';
import { writeJudgedBeef } from './write-judged-beef';

/** Transactions of coins that came with no BEEF: those of a subject that is proven already. */
export type FindParents = (txids: readonly Txid[]) => Promise<readonly GraphTransaction[]>;
export type CountCall = (name: string, outcome: 'answered' | 'failed' | 'unavailable') => void;

export interface TopicHost {
  readonly name: string;
  readonly thread: ExtensionThread;
  readonly findParents: FindParents;
  readonly count: CountCall;
  /** What the extension said when it failed: for the operator's log. */
  readonly report: (reason: string) => void;
}

type Fault = 'topic-failed' | 'topic-unavailable';
const refuse = (reason: string, fault: Fault): TopicVerdict => ({ admitted: false, reason, fault });

/** A `TopicManager` of `@bsv/overlay` in its thread, as a topic of ours. What it says is checked here and again by `planTransition`. */
export function hostTopic(host: TopicHost): HostedTopic {
  const { name, thread } = host;
  const topic = {
    name,
    judge: (transaction: VerifiedTransaction, coins: readonly Coin[], context: SubmissionContext) =>
      judge(host, transaction, coins, context),
    ...introduce(thread, { name, shortDescription: 'No topical tagline.' }),
  };
  if (!thread.traits.knowsNeededInputs) return topic;
  return { ...topic, neededInputs: (beef, offChainValues) => findNeeded(host, beef, offChainValues) };
}

async function judge(
  host: TopicHost,
  transaction: VerifiedTransaction,
  coins: readonly Coin[],
  { mode, offChainValues }: SubmissionContext,
): Promise<TopicVerdict> {
  const beef = writeJudgedBeef(transaction, await findCoinParents(host, transaction, coins), coins.length > 0);
  const inputs = coins.map(({ inputIndex }) => inputIndex).sort((a, b) => a - b);
  const given = { beef, coins: inputs, mode, ...(offChainValues && { offChainValues }) };
  const end = await host.thread.run({ op: 'judge', ...given });
  if (end.kind === 'answered') {
    const reading = readAdmittance(end.value, transaction.subject.outputs.length, coins);
    host.count(host.name, reading.ok ? 'answered' : 'failed');
    if (!reading.ok) return refuse(reading.reason, 'topic-failed');
    const isNothing = reading.admittance.admit.length + coins.length === 0;
    if (isNothing) return { admitted: false, reason: 'nothing for this topic', isElsewhere: true };
    return { admitted: true, admittance: reading.admittance };
  }
  host.count(host.name, end.kind);
  host.report(end.reason);
  return refuse(end.reason, end.kind === 'failed' ? 'topic-failed' : 'topic-unavailable');
}

/** None where the subject is unproven: then they are in its BEEF, or nothing could have been verified. */
async function findCoinParents(
  { findParents }: TopicHost,
  { subject, transactions }: VerifiedTransaction,
  coins: readonly Coin[],
): Promise<readonly GraphTransaction[]> {
  if (subject.bump === undefined) return [];
  const given = new Set(transactions.map(({ txid }) => txid));
  const missing = new Set(coins.map(({ txid }) => txid).filter((txid) => !given.has(txid)));
  return missing.size === 0 ? [] : findParents([...missing]);
}

async function findNeeded(
  { thread }: TopicHost,
  beef: Uint8Array,
  offChainValues: Uint8Array | undefined,
): Promise<Result<readonly NeededInput[]>> {
  const given = { beef, coins: [], mode: 'historical-tx' as const, ...(offChainValues && { offChainValues }) };
  const end = await thread.run({ op: 'needed', ...given });
  if (end.kind === 'answered') return accept(end.value as NeededInput[]);
  return reject(end.kind === 'failed' ? 'topic-failed' : 'topic-unavailable', end.reason);
}

import { printOutpoint, makeOutpoint, type Satoshis, type Txid } from '../bytes';
import { LOOKUP_KEYS_MAX, LOOKUP_KEY_BYTES_MAX } from '../limits';
import { accept, reject, type Result } from '../rejection';
import type { VerifiedTransaction } from '../spv/verified-transaction';
import { readPlacement, type BasketPlacement } from './basket-placement';
import type { Admittance, Coin, SubmissionContext, TopicManager, TopicName, TopicVerdict } from './topic-manager';

export interface TopicQuestion {
  readonly manager: TopicManager;
  /** The unspent outputs of this topic that the subject spends. */
  readonly coins: readonly Coin[];
}

export interface TransitionQuestion {
  readonly transaction: VerifiedTransaction;
  readonly topics: readonly TopicQuestion[];
  /** Where the submitter wants an output kept, by vout; an admitted output that is not named goes where its topic says. */
  readonly baskets: ReadonlyMap<number, BasketPlacement>;
  readonly context?: SubmissionContext;
  /** `any`: a basket may hold what no topic judged, as in a BRC-100 wallet. Absent: what a topic admitted, nothing else. */
  readonly keeps?: 'any';
  /** `skip`: a topic that the transaction does not concern is left out, where at least one is left. Absent: it refuses the submission. */
  readonly elsewhere?: 'skip';
}

export interface PlannedOutput {
  readonly vout: number;
  readonly satoshis: Satoshis;
  readonly lockingScript: Uint8Array;
  readonly lookupKeys: readonly string[];
}

export interface PlannedTopic {
  readonly topic: TopicName;
  readonly admit: readonly PlannedOutput[];
  /** Every coin of this topic that the subject spends, as the topic manager judged it. */
  readonly coins: readonly { readonly txid: Txid; readonly vout: number; readonly retain: boolean }[];
}

export interface PlannedBasketOutput {
  readonly vout: number;
  readonly basket: string;
  readonly satoshis: Satoshis;
  readonly lockingScript: Uint8Array;
  /** Whose basket, where it is not the submitter's own: the other side of an exchange. */
  readonly organisation?: string;
  /** Sorted, each once. */
  readonly tags: readonly string[];
  readonly customInstructions?: string;
  /** Units of the product that this output stands for; 1 unless said. */
  readonly quantity: number;
}

/** The answer of BRC-22 for one topic. */
export interface Steak {
  readonly outputsToAdmit: readonly number[];
  readonly coinsToRetain: readonly number[];
  readonly coinsRemoved: readonly number[];
}

/** Everything that a transaction would change, decided before anything is. */
export interface TransitionPlan {
  readonly topics: readonly PlannedTopic[];
  readonly baskets: readonly PlannedBasketOutput[];
  readonly steak: Readonly<Record<TopicName, Steak>>;
}

const CURRENT: SubmissionContext = { mode: 'current-tx' };
const NOTHING: Steak = { outputsToAdmit: [], coinsToRetain: [], coinsRemoved: [] };

/** Asks the topics, all at once, holds each to its contract, and applies the basket rules. All topics agree or nothing happens. */
export async function planTransition(question: TransitionQuestion): Promise<Result<TransitionPlan>> {
  const { transaction, topics } = question;
  const answers = await Promise.all(topics.map((topic) => askTopic(topic, question)));
  const planned: PlannedTopic[] = [];
  const defaults = new Map<number, string | undefined>();
  const steak: Record<TopicName, Steak> = {};
  for (const [place, { manager, coins }] of topics.entries()) {
    const asked = answers[place] as Result<Admittance | undefined>;
    if (!asked.ok) return asked;
    if (asked.value === undefined) {
      steak[manager.name] = NOTHING;
      continue;
    }
    const { admit, coinsToRetain, coinsToRemove } = asked.value;
    planned.push(planTopic(manager.name, asked.value, transaction, coins));
    steak[manager.name] = {
      outputsToAdmit: admit.map(({ vout }) => vout),
      coinsToRetain: [...coinsToRetain],
      coinsRemoved: [...coinsToRemove],
    };
    // An output lives in one basket (BRC-46): of two topics that admit it, the first one named names the basket.
    for (const { vout, basket } of admit) if (defaults.get(vout) === undefined) defaults.set(vout, basket);
  }
  const kept = planBaskets(question, defaults);
  return kept.ok ? accept({ topics: planned, baskets: kept.value, steak }) : kept;
}

/** Undefined where the topic is left out. */
async function askTopic(
  { manager, coins }: TopicQuestion,
  { transaction, context = CURRENT, elsewhere }: TransitionQuestion,
): Promise<Result<Admittance | undefined>> {
  const { name: topic } = manager;
  try {
    const verdict = await manager.judge(transaction, coins, context);
    if (!verdict.admitted)
      return elsewhere === 'skip' && verdict.isElsewhere ? accept(undefined) : refuse(topic, verdict);
    const broken = findBrokenPromise(verdict.admittance, transaction, coins);
    return broken === undefined ? accept(verdict.admittance) : reject('topic-failed', `${topic}: ${broken}`, { topic });
  } catch {
    // A topic that throws has not judged; admitting nothing in its name would be a silent refusal (PROTOCOLS D5).
    return reject('topic-failed', topic, { topic });
  }
}

const refuse = (topic: TopicName, { reason, fault }: Extract<TopicVerdict, { admitted: false }>): Result<never> =>
  reject(fault ?? 'topic-refused', `${topic}: ${reason}`, { topic });

/** A topic manager is an extension: what it says is checked before it becomes state. */
function findBrokenPromise(
  { admit, coinsToRetain, coinsToRemove }: Admittance,
  { subject }: VerifiedTransaction,
  coins: readonly Coin[],
): string | undefined {
  const vouts = new Set(admit.map(({ vout }) => vout));
  if (vouts.size !== admit.length) return 'admits an output twice';
  for (const { vout, lookupKeys } of admit) {
    if (subject.outputs[vout] === undefined) return 'admits an output that does not exist';
    if (lookupKeys.length > LOOKUP_KEYS_MAX) return 'gives too many lookup keys';
    if (lookupKeys.some((key) => Buffer.byteLength(key) > LOOKUP_KEY_BYTES_MAX))
      return 'gives a lookup key that is too long';
  }
  const judged = [...coinsToRetain, ...coinsToRemove].sort((a, b) => a - b);
  const spent = coins.map(({ inputIndex }) => inputIndex).sort((a, b) => a - b);
  if (judged.length !== spent.length || judged.some((input, index) => input !== spent[index])) {
    return 'does not retain or remove each of its coins exactly once';
  }
  return admit.length + coins.length === 0 ? 'admits nothing without saying why' : undefined;
}

function planTopic(
  topic: TopicName,
  admittance: Admittance,
  { subject }: VerifiedTransaction,
  coins: readonly Coin[],
): PlannedTopic {
  const retained = new Set(admittance.coinsToRetain);
  const admit = [...admittance.admit]
    .sort((a, b) => a.vout - b.vout)
    .flatMap(({ vout, lookupKeys }) => {
      const output = subject.outputs[vout];
      return output === undefined ? [] : [{ vout, ...output, lookupKeys: [...new Set(lookupKeys)] }];
    });
  return {
    topic,
    admit,
    coins: coins.map(({ txid, vout, inputIndex }) => ({ txid, vout, retain: retained.has(inputIndex) })),
  };
}

function planBaskets(
  { transaction: { subject }, baskets: chosen, keeps }: TransitionQuestion,
  defaults: ReadonlyMap<number, string | undefined>,
): Result<PlannedBasketOutput[]> {
  for (const vout of chosen.keys()) {
    // A basket holds what was judged; an unjudged output would be spendable value on the caller's word alone.
    const isKnown = keeps === 'any' ? subject.outputs[vout] !== undefined : defaults.has(vout);
    if (!isKnown) return reject('basket-output-unknown', `output ${vout}`);
  }
  const kept: PlannedBasketOutput[] = [];
  for (const vout of [...new Set([...defaults.keys(), ...chosen.keys()])].sort((a, b) => a - b)) {
    const basket = defaults.get(vout);
    const wanted = chosen.get(vout) ?? (basket === undefined ? undefined : { basket });
    const output = subject.outputs[vout];
    if (wanted === undefined || output === undefined) continue;
    const placement = readPlacement(wanted);
    if (!placement.ok) return placement;
    kept.push({ vout, ...output, ...placement.value });
  }
  return accept(kept);
}

/** A plan as sorted facts, before and after, for the audit leaf. */
export function listPlanFacts(
  plan: TransitionPlan,
  txid: Txid,
): { readonly before: string[]; readonly after: string[] } {
  const coins = plan.topics.flatMap(({ topic, coins: spent }) =>
    spent.map(({ txid: parent, vout }) => `coin ${topic} ${printOutpoint(makeOutpoint(parent, vout))}`),
  );
  const admitted = plan.topics.flatMap(({ topic, admit }) => admit.map(({ vout }) => `coin ${topic} ${txid}.${vout}`));
  const kept = plan.baskets.map(({ vout, basket }) => `basket ${basket} ${txid}.${vout}`);
  return { before: coins, after: [...admitted, ...kept] };
}

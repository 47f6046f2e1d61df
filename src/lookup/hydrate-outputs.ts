import { accept, limits, makeOutpoint, type Rejection, type Result, type Txid } from '#atomic-core';
import { isNeededBySpender, listHistory, listLivesEverywhere, type Database, type OutputLife } from '#ledger';
import type { FormulaOutput } from '../topics';
import { findAtomicBeef } from './find-atomic-beef';
import { isWaiting, listOutputs, type AnsweredOutput, type LookupAnswer } from './lookup-answer';
import { traceHistory, type HistorySource } from './trace-history';

export interface FormulaQuestion {
  readonly outputs: readonly FormulaOutput[];
  /** The last event that the service was told. */
  readonly toldTo: number;
}

/** Outputs of the formula that are looked up together. */
const PAGE = 50;

/**
 * The answer that a service's formula stands for: of the outputs that it names those that the ledger holds, each with its Atomic BEEF and as much history
 * as it asks for. Held is what the overlay engine still has in its storage: what is unspent, and what is spent and retained. A retained output is answered
 * only when the service was told that it is spent: before that it names it for an unspent one.
 */
export async function hydrateOutputs(
  database: Database,
  { outputs, toldTo }: FormulaQuestion,
): Promise<Result<LookupAnswer>> {
  const answered: AnsweredOutput[] = [];
  const source = readHistory(database);
  let bytes = 0;
  let waiting: Rejection | undefined;
  for (let start = 0; start < outputs.length; start += PAGE) {
    const page = outputs.slice(start, start + PAGE);
    const lives = await listLives(database, page);
    for (const output of page) {
      const topics = await listHolders(database, lives.get(nameOf(output)) ?? [], toldTo);
      if (topics.length === 0) continue;
      if (answered.length >= limits.LOOKUP_OUTPUTS_MAX || bytes >= limits.LOOKUP_BEEF_BYTES_MAX) {
        return listOutputs(answered, { isCut: true, waiting });
      }
      const hydrated = await hydrate(database, source, { ...output, txid: output.txid as Txid, topics });
      if (!hydrated.ok) {
        if (!isWaiting(hydrated.rejection)) return hydrated;
        waiting = hydrated.rejection;
        continue;
      }
      if (hydrated.value === undefined) continue;
      bytes += hydrated.value.beef.length + (hydrated.value.context?.length ?? 0);
      answered.push(hydrated.value);
    }
  }
  return listOutputs(answered, { waiting });
}

interface HeldOutput extends FormulaOutput {
  readonly txid: Txid;
  readonly topics: readonly string[];
}

/** Undefined: the service itself does not want it, as it said when it was asked for its history. */
async function hydrate(
  database: Database,
  source: HistorySource,
  { txid, outputIndex, topics, history, context }: HeldOutput,
): Promise<Result<AnsweredOutput | undefined>> {
  const traced =
    history === undefined
      ? accept({ isWanted: true, opened: [] })
      : await traceHistory({ txid, vout: outputIndex, topics }, history, source);
  if (!traced.ok) return traced;
  if (!traced.value.isWanted) return accept(undefined);
  const beef = await findAtomicBeef(database, txid, traced.value.opened);
  if (!beef.ok) return beef;
  return accept({ beef: beef.value, txid, outputIndex, ...(context && { context: Buffer.from(context) }) });
}

const nameOf = ({ txid, outputIndex }: Pick<FormulaOutput, 'txid' | 'outputIndex'>): string =>
  `${txid}.${String(outputIndex)}`;

async function listLives(database: Database, outputs: readonly FormulaOutput[]): Promise<Map<string, OutputLife[]>> {
  const names = new Map(
    outputs.map((output) => [nameOf(output), { txid: output.txid as Txid, vout: output.outputIndex }]),
  );
  const lives = new Map<string, OutputLife[]>();
  for (const life of await listLivesEverywhere(database, [...names.values()])) {
    const name = nameOf({ txid: life.txid, outputIndex: life.vout });
    lives.set(name, [...(lives.get(name) ?? []), life]);
  }
  return lives;
}

/** The topics that hold it. */
async function listHolders(database: Database, lives: readonly OutputLife[], toldTo: number): Promise<string[]> {
  const topics: string[] = [];
  for (const { topic, retracted, evicted, spent, spentUnseen } of lives) {
    if (retracted || evicted || spentUnseen) continue;
    const isHeld =
      spent === undefined ||
      (spent.retained && spent.at <= toldTo && (await isNeededBySpender(database, topic, spent.by)));
    if (isHeld) topics.push(topic);
  }
  return topics;
}

const readHistory = (database: Database): HistorySource => ({
  listRetained: async ({ topic, txid, vout }) => {
    const coins = await listHistory(database, topic, makeOutpoint(txid, vout));
    return coins.map((coin) => ({ topic, txid: coin.txid, vout: coin.vout }));
  },
  findBeef: (txid) => findAtomicBeef(database, txid),
});

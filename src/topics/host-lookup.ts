import { accept, reject, type Result } from '#atomic-core';
import type { CountCall } from './host-topic';
import type { FormulaOutput, HostedFormula, ServiceLookup, Told } from './hosted-topic';
import { introduce } from './introduce';
import type { ExtensionThread, LookupNotice, LookupOutcome, LookupQuestion } from './thread';

export interface LookupHost {
  readonly name: string;
  readonly storage: 'own' | 'process';
  readonly thread: ExtensionThread;
  readonly count: CountCall;
  readonly report: (reason: string) => void;
}

type FormulaRow = Extract<LookupOutcome, { kind: 'formula' }>['rows'][number];

/** A `LookupService` of `@bsv/overlay` in its thread. */
export function hostLookup(host: LookupHost): ServiceLookup {
  const { name, storage, thread } = host;
  const { admissionMode, spendNotificationMode } = thread.traits;
  return {
    ...{ kind: 'service', name, storage, admissionMode, spendNotificationMode },
    get life() {
      return thread.life;
    },
    tell: (notice) => tell(host, notice),
    ask: (question) => ask(host, question),
    ...introduce(thread, { name, shortDescription: 'No lookup service tagline.' }),
  };
}

async function tell({ name, thread, count, report }: LookupHost, notice: LookupNotice): Promise<Told> {
  const end = await thread.run({ op: 'tell', notice });
  count(name, end.kind);
  if (end.kind === 'answered') return { ok: true };
  report(end.reason);
  return { ok: false, reason: end.reason, isUncertain: end.kind === 'unavailable' && end.begun === true };
}

async function ask(host: LookupHost, question: LookupQuestion): Promise<Result<HostedFormula>> {
  const { name, thread, count, report } = host;
  const end = await thread.run({ op: 'ask', question });
  count(name, end.kind);
  if (end.kind !== 'answered') {
    report(end.reason);
    return reject('lookup-failed', `${name}: ${end.reason}`);
  }
  const outcome = end.value as LookupOutcome;
  if (outcome.kind === 'freeform') return accept({ type: 'freeform', result: outcome.result });
  const selectors = outcome.rows.flatMap(({ selector }) => (selector === undefined ? [] : [selector]));
  return accept({
    type: 'output-list',
    outputs: outcome.rows.map((row) => openRow(row, host)),
    release: () => {
      if (selectors.length > 0) thread.forget(selectors);
    },
  });
}

function openRow({ txid, outputIndex, history, selector, context }: FormulaRow, host: LookupHost): FormulaOutput {
  const chosen = selector === undefined ? history : selectBy(host, selector);
  return {
    ...{ txid, outputIndex },
    ...(chosen !== undefined && { history: chosen }),
    ...(context !== undefined && { context }),
  };
}

/** Throws where the service cannot say: half a history is none, and the question fails as a whole. */
function selectBy(
  { name, thread }: LookupHost,
  selector: number,
): Exclude<FormulaOutput['history'], number | undefined> {
  const { life } = thread;
  return async (beef, outputIndex, depth) => {
    if (thread.life !== life) throw new HistoryError(`${name}: its thread was replaced while it was asked`);
    const end = await thread.run({ op: 'select', selector, beef, outputIndex, depth });
    if (end.kind !== 'answered') throw new HistoryError(`${name}: ${end.reason}`);
    return end.value !== false;
  };
}

/** A history selector did not answer: refuse the question with `lookup-failed` and this message. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

import type { FormulaRow, LookupOutcome } from './thread-message';

type Selector = (...given: unknown[]) => unknown;

/** Functions that decide how much history goes into an answer. They stay in their thread and are called by number. */
const SELECTORS_MAX = 10_000;
const ROWS_MAX = 10_000;
const CONTEXT_BYTES_MAX = 65_536;
const TXID = /^[0-9a-f]{64}$/u;
const VOUT_MAX = 0xffff_ffff;

export class Selectors {
  private readonly known = new Map<number, Selector>();
  private last = 0;

  /** The oldest gives way: an answer that was given up must not hold its functions for ever. */
  keep(selector: Selector): number {
    this.last += 1;
    this.known.set(this.last, selector);
    const [oldest] = this.known.keys();
    if (this.known.size > SELECTORS_MAX && oldest !== undefined) this.known.delete(oldest);
    return this.last;
  }

  forget(numbers: readonly number[]): void {
    for (const number of numbers) this.known.delete(number);
  }

  async run(number: number, given: readonly unknown[]): Promise<boolean> {
    const selector = this.known.get(number);
    if (selector === undefined) throw new Error('a history selector is asked for that is gone');
    // The Engine goes on unless the answer is exactly false.
    return (await selector(...given)) !== false;
  }
}

/** A list is a `LookupFormula`; an object of type `freeform` passes through, as the overlay protocol (BRC-24) has it. */
export function writeFormula(answer: unknown, selectors: Selectors): LookupOutcome {
  if (Array.isArray(answer)) {
    if (answer.length > ROWS_MAX) throw new Error(`it answers with ${answer.length} outputs`);
    return { kind: 'formula', rows: answer.map((row: unknown) => writeRow(row, selectors)) };
  }
  const { type, result } = (answer ?? {}) as Record<string, unknown>;
  if (type !== 'freeform') throw new Error('its answer is neither a list of outputs nor of type freeform');
  // What cannot be written as JSON cannot be answered; better said here than in the middle of an answer.
  const text = JSON.stringify(result) as string | undefined;
  return { kind: 'freeform', result: text === undefined ? null : (JSON.parse(text) as unknown) };
}

function writeRow(row: unknown, selectors: Selectors): FormulaRow {
  const { txid, outputIndex, history, context } = (row ?? {}) as Record<string, unknown>;
  if (typeof txid !== 'string' || !TXID.test(txid)) throw new Error('an output of its answer has no txid');
  if (!Number.isInteger(outputIndex) || (outputIndex as number) < 0 || (outputIndex as number) > VOUT_MAX)
    throw new Error('an output of its answer has no index');
  return {
    txid,
    outputIndex: outputIndex as number,
    ...(typeof history === 'number' && { history }),
    ...(typeof history === 'function' && { selector: selectors.keep(history as Selector) }),
    ...(context !== undefined && context !== null && { context: readContext(context) }),
  };
}

function readContext(context: unknown): Uint8Array {
  const isOctets = Array.isArray(context) || context instanceof Uint8Array;
  if (!isOctets || context.length > CONTEXT_BYTES_MAX) throw new Error('a context of its answer is no list of bytes');
  return Uint8Array.from(context as number[]);
}

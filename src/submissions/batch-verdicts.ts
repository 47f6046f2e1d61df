import { rejections, type Rejection } from '#atomic-core';
import type { KeyedRequest, Receipt } from '#ledger';

export type ItemVerdict =
  | { readonly kind: 'applied' | 'replayed'; readonly receipt: Receipt }
  | { readonly kind: 'refused'; readonly rejection: Rejection };

interface Holder {
  readonly index: number;
  readonly digest: string;
}

/** What each item of one batch is answered, filled in as it becomes known. */
export class BatchVerdicts {
  readonly #verdicts: (ItemVerdict | undefined)[];
  readonly #holders = new Map<string, Holder>();
  /** Items that are the same request as an earlier one. */
  readonly #copies = new Map<number, number>();
  #halt: Rejection | undefined;

  constructor(size: number) {
    this.#verdicts = Array.from({ length: size }, () => undefined);
  }

  /** Why nothing more is attempted. */
  get halted(): boolean {
    return this.#halt !== undefined;
  }

  isOpen(index: number): boolean {
    return this.#verdicts[index] === undefined;
  }

  settle(index: number, verdict: ItemVerdict): void {
    this.#verdicts[index] = verdict;
  }

  refuse(index: number, rejection: Rejection): void {
    this.settle(index, { kind: 'refused', rejection });
  }

  /** What has no verdict by now gets this one; the first reason stands. */
  halt(rejection: Rejection): void {
    this.#halt ??= rejection;
  }

  /** True when an earlier item is this very request: it is answered as that one. Another request under the same key is for the COMMIT to judge. */
  isCopy(index: number, { requestKey, requestDigest }: KeyedRequest): boolean {
    const digest = Buffer.from(requestDigest).toString('hex');
    const holder = this.#holders.get(requestKey);
    if (holder === undefined) this.#holders.set(requestKey, { index, digest });
    if (holder?.digest !== digest) return false;
    this.#copies.set(index, holder.index);
    return true;
  }

  /** All verdicts, in the order of the request. */
  close(): ItemVerdict[] {
    const judged = this.#verdicts.map((_, index) => this.#answer(index));
    return judged.some(isUnjudged) ? judged.map(withholdTopics) : judged;
  }

  #answer(index: number): ItemVerdict {
    const original = this.#copies.get(index);
    const verdict = this.#verdicts[original ?? index];
    if (verdict === undefined) {
      if (this.#halt === undefined) throw new Error(`Item ${index} of a batch was left without a verdict.`);
      return { kind: 'refused', rejection: this.#halt };
    }
    return original !== undefined && verdict.kind === 'applied' ? { ...verdict, kind: 'replayed' } : verdict;
  }
}

const isUnjudged = (verdict: ItemVerdict): boolean =>
  verdict.kind === 'refused' && rejections[verdict.rejection.code].status >= 500;

/** A topic that misses a coin refuses; the coin may be one of an item that could not be judged now. Nobody is told to give up for that. */
function withholdTopics(verdict: ItemVerdict): ItemVerdict {
  if (verdict.kind !== 'refused' || verdict.rejection.code !== 'topic-refused') return verdict;
  const detail = 'A topic refused it while another item of the batch could not be judged.';
  return { kind: 'refused', rejection: { code: 'bulk-busy', detail } };
}

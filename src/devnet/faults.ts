import { MerklePath } from '@bsv/sdk';

/** Where a fault strikes. */
export type FaultPlace = 'submit' | 'status' | 'policy' | 'headers' | 'callback';

export interface Fault {
  readonly on: FaultPlace;
  /**
   * Any place but `callback`: delay, drop (before acting), drop-answer (after acting), hang, status, answer, rejected, garbage, huge-body,
   * wrong-txid, wrong-merkle-path. `callback`: delay, drop, duplicate, reorder, wrong-merkle-path, wrong-token.
   */
  readonly kind: string;
  /** How many exchanges it strikes; 1 when absent. */
  readonly times: number;
  readonly delayMs: number;
  /** `status` and `answer`: the HTTP status. */
  readonly status: number;
  /** `answer`: the JSON body. */
  readonly body: unknown;
}

const kinds = {
  answer: [
    'delay',
    'drop',
    'drop-answer',
    'hang',
    'status',
    'answer',
    'rejected',
    'garbage',
    'huge-body',
    'wrong-txid',
    'wrong-merkle-path',
  ],
  callback: ['delay', 'drop', 'duplicate', 'reorder', 'wrong-merkle-path', 'wrong-token'],
};
const places: readonly string[] = ['submit', 'status', 'policy', 'headers', 'callback'];
const FAULTS_MAX = 1000;

const wholeNumber = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;

const readFault = (order: unknown): Fault => {
  const { on, kind, times, delayMs, status, body } = (order ?? {}) as Record<string, unknown>;
  if (!places.includes(String(on))) throw new RangeError(`on: one of ${places.join(', ')}`);
  const allowed = on === 'callback' ? kinds.callback : kinds.answer;
  if (!allowed.includes(String(kind))) throw new RangeError(`kind: one of ${allowed.join(', ')}`);
  return {
    on: on as FaultPlace,
    kind: String(kind),
    times: wholeNumber(times, 1),
    delayMs: wholeNumber(delayMs, 1000),
    status: wholeNumber(status, kind === 'answer' ? 200 : 503),
    body: body ?? {},
  };
};

/** The faults that were ordered and have not struck yet, first come first served. */
export class FaultPlan {
  #pending: Fault[] = [];

  order(orders: unknown): void {
    const faults = (Array.isArray(orders) ? orders : [orders]).map(readFault);
    const all = [...this.#pending, ...faults];
    if (all.length > FAULTS_MAX) throw new RangeError(`at most ${FAULTS_MAX} faults at a time`);
    this.#pending = all;
  }

  clear(): void {
    this.#pending = [];
  }

  list(): readonly Fault[] {
    return this.#pending;
  }

  take(place: FaultPlace): Fault | undefined {
    const index = this.#pending.findIndex((fault) => fault.on === place);
    const fault = this.#pending[index];
    if (!fault) return undefined;
    const rest = fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
    this.#pending.splice(index, 1, ...rest);
    return fault;
  }
}

/** A path that parses, holds the transaction, and leads to another root. */
export const spoilMerklePath = (merklePath: string): string => {
  const path = MerklePath.fromHex(merklePath);
  const leaf = path.path.flat().find(({ hash, txid }) => hash !== undefined && txid !== true);
  if (leaf?.hash) leaf.hash = leaf.hash.slice(0, -1) + (Number.parseInt(leaf.hash.slice(-1), 16) ^ 1).toString(16);
  return path.toHex();
};

import { request, type IncomingHttpHeaders } from 'node:http';
import { describeStatus } from './arc-answer';
import { type Fault, type FaultPlan, spoilMerklePath } from './faults';
import type { Network } from './network';

interface Delivery {
  readonly url: string;
  readonly token: string;
  readonly body: string;
}

/** One attempt, kept for tests to count. */
export interface DeliveryAttempt {
  readonly txid: string;
  readonly txStatus: string;
  readonly status: number;
}

const ATTEMPTS_MAX = 10;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5000;
const DELIVERY_TIMEOUT_MS = 5000;
const REMEMBERED_MAX = 1000;
/** Without X-FullStatusUpdates ARC reports only what ends a story. */
const FINAL_STATUSES = ['REJECTED', 'MINED', 'MINED_IN_STALE_BLOCK', 'DOUBLE_SPEND_ATTEMPTED'];

const post = ({ url, token, body }: Delivery): Promise<number> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const outgoing = request(url, { method: 'POST', headers, timeout: DELIVERY_TIMEOUT_MS }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', () => resolve(0));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(0));
    outgoing.end(body);
  });

const firstText = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? '';

/** Status callbacks: in order per transaction, repeated until a 2xx, ten times at most. */
export class Callbacks {
  readonly attempts: DeliveryAttempt[] = [];
  readonly #queues = new Map<string, Promise<void>>();
  readonly #timers = new Map<NodeJS.Timeout, () => void>();
  #held: (() => Promise<void>)[] = [];
  #closed = false;

  constructor(
    private readonly network: Network,
    private readonly faults: FaultPlan,
  ) {
    network.onChange = (txids) => this.#announce(txids);
  }

  close(): void {
    this.#closed = true;
    for (const [timer, resolve] of this.#timers) {
      clearTimeout(timer);
      resolve();
    }
  }

  /** Real ARC refuses loopback URLs; here they are the only ones allowed, so that a devnet cannot be made to call strangers. */
  refuseUrl(header: string | string[] | undefined): string | undefined {
    const text = firstText(header);
    if (text === '') return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) return undefined;
    return 'X-CallbackUrl must be a loopback http URL on the development network';
  }

  register(txid: string, headers: IncomingHttpHeaders): void {
    const url = firstText(headers['x-callbackurl']);
    if (url === '') return;
    const full = firstText(headers['x-fullstatusupdates']) === 'true';
    this.network.registerCallback(txid, url, firstText(headers['x-callbacktoken']), full);
  }

  #announce(txids: readonly string[]): void {
    for (const txid of new Set(txids)) {
      const entry = this.network.state.transactions.get(txid);
      if (!entry) continue;
      const status = describeStatus(this.network, entry);
      for (const { url, token, full } of this.network.callbacks.get(txid) ?? []) {
        if (!full && !FINAL_STATUSES.includes(String(status.txStatus))) continue;
        this.#plan(txid, { url, token, body: JSON.stringify(status) });
      }
    }
  }

  #plan(txid: string, delivery: Delivery): void {
    const fault = this.faults.take('callback');
    const run = (): Promise<void> => this.#deliver(txid, delivery, fault);
    if (fault?.kind === 'drop') return;
    if (fault?.kind === 'reorder') {
      this.#held.push(run);
      return;
    }
    const before = this.#held;
    this.#held = [];
    for (const job of [run, ...before]) this.#enqueue(txid, job);
  }

  #enqueue(txid: string, job: () => Promise<void>): void {
    const queue = (this.#queues.get(txid) ?? Promise.resolve()).then(job);
    this.#queues.set(txid, queue);
    void queue.then(() => this.#queues.get(txid) === queue && this.#queues.delete(txid));
  }

  async #deliver(txid: string, delivery: Delivery, fault: Fault | undefined): Promise<void> {
    if (fault?.kind === 'delay') await this.#wait(fault.delayMs);
    const copies = fault?.kind === 'duplicate' ? 3 : 1;
    const spoilt = spoilDelivery(delivery, fault);
    for (let copy = 0; copy < copies; copy += 1) await this.#deliverUntilTaken(txid, spoilt);
  }

  async #deliverUntilTaken(txid: string, delivery: Delivery): Promise<void> {
    const { txStatus } = JSON.parse(delivery.body) as { txStatus: string };
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !this.#closed; attempt += 1) {
      const status = await post(delivery);
      this.attempts.push({ txid, txStatus, status });
      this.attempts.splice(0, this.attempts.length - REMEMBERED_MAX);
      if (status >= 200 && status < 300) return;
      await this.#wait(Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt));
    }
  }

  #wait(delayMs: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, delayMs);
      this.#timers.set(timer, resolve);
    });
  }
}

const spoilDelivery = (delivery: Delivery, fault: Fault | undefined): Delivery => {
  if (fault?.kind === 'wrong-token') return { ...delivery, token: `${delivery.token}x` };
  if (fault?.kind !== 'wrong-merkle-path') return delivery;
  const body = JSON.parse(delivery.body) as { merklePath: string };
  if (body.merklePath === '') return delivery;
  return { ...delivery, body: JSON.stringify({ ...body, merklePath: spoilMerklePath(body.merklePath) }) };
};

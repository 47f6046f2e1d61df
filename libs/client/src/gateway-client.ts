import { AuthFetch, Utils } from '@bsv/sdk';
import type { WalletInterface } from '@bsv/sdk';
import type { BatchAnswer, FoundOutput, Receipt, TopicEvent, TopicState, Verdict } from './answers';
import { BasketCalls } from './basket-calls';
import type { Call } from './call';
import { OfferCalls } from './offer-calls';
import { PaymentGuard, PaymentTooLarge, SecondPaymentRefused } from './payment-guard';
import { GatewayProblem, readProblem } from './problem';
import { ProposalCalls, type Agreement, type Proposal } from './proposal-calls';
import { subscribe, type SubscribeOptions } from './subscribe';

export interface GatewayClientOptions {
  /** Origin of the gateway, e.g. `https://gateway.example`. */
  readonly baseUrl: string;
  readonly wallet: WalletInterface;
  /** The most that one call may pay, in satoshis. 10,000 unless told. */
  readonly satoshisMaxPerCall?: number;
  /** How often a call is sent in all while the gateway answers `retry-same`. 4 unless told. */
  readonly attemptsMax?: number;
}

export interface SubmissionRequest {
  /** BEEF V1, V2 or Atomic. */
  readonly beef: Uint8Array;
  /** Optional where a reservation is named. */
  readonly topics?: readonly string[];
  /** Makes retries of the caller's own (after a crash, say) safe. */
  readonly idempotencyKey?: string;
  /** vout → basket, by its name alone or with what the output is kept with. */
  readonly baskets?: Readonly<Record<number, string | BasketPlacement>>;
  /** Of the transaction (BRC-100). */
  readonly labels?: readonly string[];
  /** `current-tx` unless told; a historical transaction is proven like any other and not broadcast. */
  readonly mode?: 'current-tx' | 'historical-tx' | 'historical-tx-no-spv';
  /** For the topics and their lookup services; not on the chain. */
  readonly offChainValues?: Uint8Array;
  /** The reservation that this transaction consumes. */
  readonly reservation?: string;
}

/** Where and how an output is kept (BRC-46). */
export interface BasketPlacement {
  readonly basket: string;
  readonly tags?: readonly string[];
  readonly customInstructions?: string;
  /** Units of a product that the output stands for; 1 unless told. */
  readonly quantity?: number;
}

/** As a submission; without topics the transaction alone is judged. */
export type VerificationRequest = Omit<SubmissionRequest, 'topics' | 'idempotencyKey'> & {
  readonly topics?: readonly string[];
};

interface Lane {
  readonly guard: PaymentGuard;
  readonly fetch: AuthFetch;
}

const RETRY_MS_MAX = 10_000;

/** `AuthFetch` hands on signed headers alone, so the time to wait is read from the body of the problem and not from Retry-After. */
const retryDelayMs = (failure: Error | undefined, attempt: number): number => {
  const seconds = failure instanceof GatewayProblem ? failure.retryAfterSeconds : undefined;
  return Math.min(seconds === undefined ? 250 * 2 ** attempt : seconds * 1_000, RETRY_MS_MAX);
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const writeSubmission = (request: VerificationRequest): Record<string, unknown> => {
  const { beef, topics, baskets, labels, mode, offChainValues, reservation } = request;
  return {
    beef: Utils.toBase64(Array.from(beef)),
    topics,
    ...{ baskets, labels, mode, reservation },
    ...(offChainValues && { offChainValues: Utils.toBase64(Array.from(offChainValues)) }),
  };
};

/**
 * Calls a Portcullis gateway: BRC-103 handshake, BRC-105 payment and safe retries, over `AuthFetch` of `@bsv/sdk`. A call pays at most once: it is
 * only ever repeated with the same bytes, and only when the gateway says `retry-same`. Refusals throw {@link GatewayProblem}.
 */
export class GatewayClient {
  readonly #baseUrl: string;
  readonly #options: GatewayClientOptions;
  readonly #idle: Lane[] = [];
  /** What the organisation keeps, holds and has in stock. */
  readonly baskets = new BasketCalls((call) => this.#send(call));
  /** What is offered for a price, and what was agreed. */
  readonly offers = new OfferCalls((call) => this.#send(call));

  /** What several organisations approve before it is submitted. */
  readonly proposals: ProposalCalls;

  constructor(options: GatewayClientOptions) {
    this.proposals = new ProposalCalls((call) => this.#send(call), options.wallet);
    this.#baseUrl = new URL(options.baseUrl).origin;
    this.#options = options;
  }

  /** Submits a transaction to topics. The same submission again gets the same receipt. */
  async submit(request: SubmissionRequest): Promise<Receipt> {
    const body = JSON.stringify(writeSubmission(request));
    const headers = request.idempotencyKey === undefined ? {} : { 'x-bsv-idempotency-key': request.idempotencyKey };
    return (await (await this.#send({ method: 'POST', path: '/v1/submissions', body, headers })).json()) as Receipt;
  }

  /**
   * Submits at most 1,000 transactions in one call that pays at most once. Each has its own verdict, in the order given; nothing is thrown for one that
   * is refused. While some could not be judged the whole batch is sent again: what was applied answers with its receipt.
   */
  async submitBatch(requests: readonly SubmissionRequest[]): Promise<BatchAnswer> {
    const lines = requests.map((request) => {
      const key = request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey };
      return `${JSON.stringify({ ...writeSubmission(request), ...key })}\n`;
    });
    const call: Call = {
      method: 'POST',
      path: '/v1/submissions/batch',
      body: lines.join(''),
      headers: { 'content-type': 'application/x-ndjson' },
      isUnfinished: async (response) => {
        const { items } = (await response.json()) as BatchAnswer;
        return items.some(({ problem }) => problem?.next === 'retry-same');
      },
    };
    return (await (await this.#send(call)).json()) as BatchAnswer;
  }

  /** Proposes a submission that others have to approve. See {@link ProposalCalls} for what follows. */
  propose(request: Omit<SubmissionRequest, 'idempotencyKey' | 'reservation'>, agreement: Agreement): Promise<Proposal> {
    return this.proposals.propose(writeSubmission(request), agreement);
  }

  /** What a submission would be answered now, and why; changes nothing and promises nothing. A refused transaction is an answer, not a throw. */
  async explain(request: VerificationRequest): Promise<Verdict> {
    const call = { method: 'POST', path: '/v1/verifications', body: JSON.stringify(writeSubmission(request)) } as const;
    return (await (await this.#send(call)).json()) as Verdict;
  }

  /** A submission of the caller's organisation, by id or txid, as it stands now. */
  async findSubmission(idOrTxid: string): Promise<Receipt> {
    const path = `/v1/submissions/${encodeURIComponent(idOrTxid)}`;
    return (await (await this.#send({ method: 'GET', path })).json()) as Receipt;
  }

  /** Atomic BEEF (BRC-95) of a submission, with its proof once it is mined. */
  async fetchBeef(idOrTxid: string): Promise<Uint8Array> {
    const path = `/v1/submissions/${encodeURIComponent(idOrTxid)}/beef`;
    return new Uint8Array(await (await this.#send({ method: 'GET', path })).arrayBuffer());
  }

  /** Asks a lookup service (BRC-24). */
  async lookup(service: string, query: unknown): Promise<readonly FoundOutput[]> {
    const response = await this.#send({ method: 'POST', path: '/v1/lookup', body: JSON.stringify({ service, query }) });
    return ((await response.json()) as { outputs: FoundOutput[] }).outputs;
  }

  /** The topics that the gateway hosts, each with its state. */
  async listTopics(): Promise<readonly TopicState[]> {
    const response = await this.#send({ method: 'GET', path: '/v1/topics' });
    return ((await response.json()) as { topics: TopicState[] }).topics;
  }

  async findTopic(topic: string): Promise<TopicState> {
    const path = `/v1/topics/${encodeURIComponent(topic)}`;
    return (await (await this.#send({ method: 'GET', path })).json()) as TopicState;
  }

  /**
   * The events of a topic, each once and in order: `for await (const event of client.subscribe(topic, { after }))`. Goes on over lost connections until
   * `signal` aborts or the loop is left. Pays nothing: where the operator priced the route the refusal is thrown.
   */
  subscribe(topic: string, options: SubscribeOptions = {}): AsyncGenerator<TopicEvent, void, void> {
    return subscribe({ origin: this.#baseUrl, wallet: this.#options.wallet, topic }, options);
  }

  async #send(call: Call): Promise<Response> {
    const lane = this.#idle.pop() ?? this.#openLane();
    lane.guard.open();
    try {
      return await this.#sendOn(lane, call);
    } finally {
      this.#idle.push(lane);
    }
  }

  async #sendOn(lane: Lane, call: Call): Promise<Response> {
    const attemptsMax = this.#options.attemptsMax ?? 4;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(lane, call);
      const isLast = attempt >= attemptsMax;
      if (outcome instanceof Response && outcome.ok) {
        if (isLast || (await call.isUnfinished?.(outcome.clone())) !== true) return outcome;
        await pause(retryDelayMs(undefined, attempt));
        continue;
      }
      const failure = outcome instanceof Response ? await readProblem(outcome) : outcome;
      const mayRepeat = !(failure instanceof GatewayProblem) || failure.next === 'retry-same';
      if (!mayRepeat || isLast) throw failure;
      await pause(retryDelayMs(failure, attempt));
    }
  }

  /** One exchange. A lost answer comes back as an error: the same bytes (with the same payment) may be sent again, the gateway replays. */
  async #attempt(lane: Lane, call: Call): Promise<Response | Error> {
    const payment = lane.guard.header;
    const headers = {
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
      ...(payment === undefined ? {} : { 'x-bsv-payment': payment }),
    };
    try {
      return await lane.fetch.fetch(`${this.#baseUrl}${call.path}`, {
        method: call.method,
        headers,
        ...(call.body === undefined ? {} : { body: call.body }),
      });
    } catch (error) {
      const ours = [error, error instanceof Error ? error.cause : undefined].find(
        (candidate) => candidate instanceof SecondPaymentRefused || candidate instanceof PaymentTooLarge,
      );
      if (ours !== undefined) throw ours;
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #openLane(): Lane {
    const guard = new PaymentGuard(this.#options.wallet, this.#options.satoshisMaxPerCall ?? 10_000);
    return { guard, fetch: new AuthFetch(guard.wallet) };
  }
}

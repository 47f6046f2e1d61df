import { describeRefusal, describeStatus } from './arc-answer';
import type { Callbacks } from './callbacks';
import { json, type Answer, type Exchange, type Route } from './http';
import { FEE_SATOSHIS_PER_KILOBYTE } from './judge';
import type { Network } from './network';
import { readSubmission, readSubmittedHex, type Submission, SubmissionMalformed } from './read-submission';

/** One arrival at POST /tx or /txs, kept for tests to count. */
export interface Arrival {
  readonly txid: string | null;
  readonly format: string;
  readonly status: number;
  readonly at: string;
}

const ARRIVALS_MAX = 10_000;
const BATCH_MAX = 1000;

const policy = {
  maxscriptsizepolicy: 500_000,
  maxtxsigopscountspolicy: 4_294_967_295,
  maxtxsizepolicy: 10_000_000,
  miningFee: { satoshis: FEE_SATOSHIS_PER_KILOBYTE, bytes: 1000 },
  standardFormatSupported: true,
};

const isOn = (value: unknown): boolean => value === 'true' || value === '1';

/** The ARC HTTP API, as far as clients of `@bsv/sdk` and gateways use it. */
export class ArcApi {
  readonly arrivals: Arrival[] = [];

  constructor(
    private readonly network: Network,
    private readonly callbacks: Callbacks,
  ) {}

  listRoutes(): Route[] {
    return [
      { method: 'POST', pattern: /^\/arc\/v1\/tx$/, fault: 'submit', run: (exchange) => this.#submitOne(exchange) },
      { method: 'POST', pattern: /^\/arc\/v1\/txs$/, fault: 'submit', run: (exchange) => this.#submitMany(exchange) },
      {
        method: 'GET',
        pattern: /^\/arc\/v1\/tx\/([^/]+)$/,
        fault: 'status',
        run: (_, match) => this.#answerStatus(match),
      },
      { method: 'GET', pattern: /^\/arc\/v1\/policy$/, fault: 'policy', run: () => this.#answerPolicy() },
      {
        method: 'GET',
        pattern: /^\/arc\/v1\/health$/,
        run: () => json(200, { healthy: true, version: 'devnet', reason: '' }),
      },
    ];
  }

  #answerPolicy(): Answer {
    return json(200, { policy, timestamp: new Date().toISOString() });
  }

  #answerStatus(match: readonly string[]): Answer {
    const txid = match[1] ?? '';
    const entry = /^[0-9a-f]{64}$/.test(txid) ? this.network.state.transactions.get(txid) : undefined;
    if (entry) return json(200, describeStatus(this.network, entry));
    return json(404, describeRefusal({ status: 404, detail: 'transaction not found' }, null));
  }

  #submitOne(exchange: Exchange): Answer {
    const items = this.#readItems(exchange);
    if (!Array.isArray(items)) return items;
    if (items.length !== 1)
      return json(400, describeRefusal({ status: 400, detail: 'one transaction expected' }, null));
    const body = this.#submit(items[0] as string, exchange);
    return json(body.status as number, body);
  }

  /** A batch answers 200 with one verdict per transaction, refusals among them. */
  #submitMany(exchange: Exchange): Answer {
    const items = this.#readItems(exchange);
    if (!Array.isArray(items)) return items;
    if (items.length > BATCH_MAX)
      return json(400, describeRefusal({ status: 400, detail: 'too many transactions' }, null));
    return json(
      200,
      items.map((item) => this.#submit(item, exchange)),
    );
  }

  #readItems(exchange: Exchange): string[] | Answer {
    const refusal = this.callbacks.refuseUrl(exchange.headers['x-callbackurl']);
    if (refusal) return json(400, describeRefusal({ status: 400, detail: refusal }, null));
    try {
      return readSubmittedHex(exchange.headers['content-type'] ?? '', exchange.body);
    } catch (cause) {
      if (!(cause instanceof SubmissionMalformed)) throw cause;
      return json(cause.status, describeRefusal({ status: cause.status, detail: cause.message }, null));
    }
  }

  #submit(hex: string, exchange: Exchange): Record<string, unknown> {
    let submission: Submission | undefined;
    let answer: Record<string, unknown>;
    try {
      submission = readSubmission(hex);
      answer = this.#judge(submission, exchange);
    } catch (cause) {
      if (!(cause instanceof SubmissionMalformed)) throw cause;
      answer = describeRefusal({ status: cause.status, detail: cause.message }, null);
    }
    this.arrivals.push({
      txid: answer.txid as string | null,
      format: submission?.format ?? 'unreadable',
      status: answer.status as number,
      at: new Date().toISOString(),
    });
    this.arrivals.splice(0, this.arrivals.length - ARRIVALS_MAX);
    return answer;
  }

  #judge(submission: Submission, { headers }: Exchange): Record<string, unknown> {
    const subject = submission.transactions.at(-1)?.id('hex') ?? null;
    const { best } = this.network.state;
    const wrong = submission.roots.find(({ height, root }) => !best[height] || readRoot(best[height].header) !== root);
    if (wrong)
      return describeRefusal({ status: 469, detail: `root at height ${wrong.height} is not in the chain` }, subject);
    const options = {
      skipFees: isOn(headers['x-skipfeevalidation']) || isOn(headers['x-skiptxvalidation']),
      skipScripts: isOn(headers['x-skipscriptvalidation']) || isOn(headers['x-skiptxvalidation']),
    };
    // ARC keeps an EF transaction without known parents as an orphan; a raw one it cannot extend, so it refuses.
    const acceptOrphans = submission.format === 'extended';
    for (const transaction of submission.transactions) {
      const verdict = this.network.admit(transaction, acceptOrphans, options);
      if ('refusal' in verdict) return describeRefusal(verdict.refusal, transaction.id('hex'));
      if (transaction.id('hex') === subject) this.callbacks.register(subject, headers);
    }
    const entry = this.network.state.transactions.get(subject ?? '');
    if (!entry) return describeRefusal({ status: 409, detail: 'transaction could not be processed' }, subject);
    return { ...describeStatus(this.network, entry), status: 200, title: 'OK' };
  }
}

const readRoot = (header: Buffer): string => Buffer.from(header.subarray(36, 68)).reverse().toString('hex');

import type { TopicEvent } from './answers';
import { openSession, openSignedStream, UnsignedAnswer, type Session, type SigningWallet } from './open-signed-stream';
import { GatewayProblem } from './problem';
import { readServerSentEvents } from './read-server-sent-events';

export interface SubscribeOptions {
  /** The position of the last event that was dealt with; -1 for all from the first. From now on unless told. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** Told where the subscription stands each time that it is connected: with it a resume is possible before the first event. */
  readonly onConnected?: (position: number) => void;
}

export interface Subscriber {
  readonly origin: string;
  readonly wallet: SigningWallet;
  readonly topic: string;
}

/** Three comments that were to show life did not come. */
const SILENT_MS_MAX = 45_000;
const PAUSE_FIRST_MS = 250;
const PAUSE_MS_MAX = 30_000;
const DOUBLINGS_MAX = 10;
/** The session ended, or the gateway forgot it. */
const SESSION_GONE = new Set(['auth-session-unknown', 'auth-replayed']);

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });

const pauseMs = (failures: number, failure: unknown): number => {
  const window = Math.min(PAUSE_MS_MAX, PAUSE_FIRST_MS * 2 ** Math.min(DOUBLINGS_MAX, failures));
  const asked = failure instanceof GatewayProblem ? (failure.retryAfterSeconds ?? 0) * 1_000 : 0;
  // Jitter, so that the subscribers of a gateway that stopped do not come back all at once.
  return Math.max(asked, window / 2 + (Math.random() * window) / 2);
};

const mayRepeat = (failure: unknown): boolean => {
  if (failure instanceof UnsignedAnswer) return false;
  return !(failure instanceof GatewayProblem) || failure.next === 'retry-same' || SESSION_GONE.has(failure.code);
};

/** One subscription over as many connections as it takes. */
class Resumption {
  #session: Session | undefined;
  #gatewayKey: string | undefined;
  position: number | undefined;

  constructor(
    private readonly subscriber: Subscriber,
    private readonly options: SubscribeOptions,
  ) {
    this.position = options.after;
  }

  async *connect(signal: AbortSignal): AsyncGenerator<TopicEvent, void, void> {
    const { origin, wallet, topic } = this.subscriber;
    const session = (this.#session ??= await this.#shakeHands(signal));
    const asked = this.position;
    const response = await openSignedStream(wallet, session, {
      origin,
      path: `/v1/topics/${encodeURIComponent(topic)}/events`,
      query: asked === undefined ? '' : `?after=${asked}`,
      signal,
    });
    const start = this.#readStart(response.headers.get('x-bsv-event-stream'));
    this.position = start;
    this.options.onConnected?.(start);
    for await (const { name, data } of readServerSentEvents(response.body, SILENT_MS_MAX)) {
      if (name === 'ready') continue;
      const event = JSON.parse(data) as TopicEvent;
      // Told before. A gateway that keeps its word never sends one.
      if (event.position <= this.position) continue;
      this.position = event.position;
      yield event;
    }
  }

  forgetSession(): void {
    this.#session = undefined;
  }

  async #shakeHands(signal: AbortSignal): Promise<Session> {
    const session = await openSession(this.subscriber.origin, this.subscriber.wallet, signal);
    this.#gatewayKey ??= session.gatewayKey;
    if (session.gatewayKey !== this.#gatewayKey)
      throw new UnsignedAnswer('Another gateway answers than the one that this subscription began with.');
    return session;
  }

  /** The head is signed and says where the stream begins: nobody between can move it. */
  #readStart(header: string | null): number {
    const [topic, start = ''] = (header ?? '').split(' ');
    const position = Number(start);
    const isAsked = this.position === undefined || this.position === position;
    if (topic !== this.subscriber.topic || !Number.isSafeInteger(position) || start === '' || !isAsked)
      throw new UnsignedAnswer('The answer is not the stream that was asked for.');
    return position;
  }
}

/**
 * The events of a topic, each once and in order, for as long as the loop that reads them goes on. A lost connection is resumed where it was lost; a
 * gateway that stops hands over to its replica. Ends when `signal` aborts; throws a refusal that a repeat cannot mend. Keep `position` of the event
 * together with what it made you do, and give it as `after` next time: then nothing is done twice and nothing is missed.
 */
export async function* subscribe(
  subscriber: Subscriber,
  options: SubscribeOptions = {},
): AsyncGenerator<TopicEvent, void, void> {
  const { signal } = options;
  const isOver = (): boolean => signal?.aborted === true;
  const resumption = new Resumption(subscriber, options);
  for (let failures = 0; !isOver(); failures += 1) {
    const connection = new AbortController();
    const abort = (): void => connection.abort();
    signal?.addEventListener('abort', abort, { once: true });
    let failure: unknown;
    try {
      for await (const event of resumption.connect(connection.signal)) {
        failures = 0;
        yield event;
      }
    } catch (error) {
      if (isOver()) return;
      if (!mayRepeat(error)) throw error;
      if (error instanceof GatewayProblem && SESSION_GONE.has(error.code)) resumption.forgetSession();
      failure = error;
    } finally {
      signal?.removeEventListener('abort', abort);
      connection.abort();
    }
    await pause(pauseMs(failures, failure), signal);
  }
}

import type { BroadcastOutcome, BroadcastStatus, Broadcaster, HttpClient } from '#ports';
import { readArcAnswer, unknownStatus } from './read-arc-answer';

export interface ArcOptions {
  /** The part before `/v1`, without a slash at the end. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Where ARC may send statuses and proofs, and the token it must show there. */
  readonly callback?: { readonly url: string; readonly token: string } | undefined;
}

/** ARC holds a submission for as long as X-MaxTimeout to see it on the network; our budget leaves it time to answer. */
const ARC_WAIT_SECONDS = 5;
const SEND_TIMEOUT_MS = 10_000;
const STATUS_TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 1_048_576;

/** ARC (BRC-30 octets to `POST /v1/tx`). Idempotent: ARC answers a transaction that it has with its present status. */
export class ArcBroadcaster implements Broadcaster {
  readonly name = 'arc';

  constructor(
    private readonly http: HttpClient,
    private readonly options: ArcOptions,
  ) {}

  async broadcast(txid: string, extendedFormat: Uint8Array, signal: AbortSignal): Promise<BroadcastOutcome> {
    const { callback } = this.options;
    const headers = {
      ...this.#headers(),
      'content-type': 'application/octet-stream',
      'x-waitfor': 'SEEN_ON_NETWORK',
      'x-maxtimeout': String(ARC_WAIT_SECONDS),
      ...(callback === undefined
        ? {}
        : { 'x-callbackurl': callback.url, 'x-callbacktoken': callback.token, 'x-fullstatusupdates': 'true' }),
    };
    const request = { method: 'POST', url: `${this.options.url}/v1/tx`, headers, body: extendedFormat } as const;
    return (await this.#ask(txid, { ...request, timeoutMs: SEND_TIMEOUT_MS }, signal)).outcome;
  }

  async fetchStatus(txid: string, signal: AbortSignal): Promise<BroadcastStatus> {
    const url = `${this.options.url}/v1/tx/${txid}`;
    return this.#ask(txid, { method: 'GET', url, headers: this.#headers(), timeoutMs: STATUS_TIMEOUT_MS }, signal);
  }

  async #ask(
    txid: string,
    request: Omit<Parameters<HttpClient['send']>[0], 'answerBytesMax'>,
    signal: AbortSignal,
  ): Promise<BroadcastStatus> {
    try {
      return readArcAnswer(txid, await this.http.send({ ...request, answerBytesMax: ANSWER_BYTES_MAX }, signal));
    } catch (error) {
      // The port promises never to throw for what the peer does: a lost answer tells nothing, and the caller asks again.
      const detail = error instanceof Error ? error.message : String(error);
      return unknownStatus(detail);
    }
  }

  #headers(): Record<string, string> {
    const { apiKey } = this.options;
    return {
      accept: 'application/json',
      'xdeployment-id': 'portcullis',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
  }
}

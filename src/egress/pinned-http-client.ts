import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { HttpClient, OutboundAnswer, OutboundRequest } from '#ports';
import { judgeAddresses, judgeUrl } from './egress-policy';
import type { EgressPolicy, EgressTarget } from './egress-policy';
import { startTimeBudget } from './time-budget';

/** Resolves a name to all its addresses. */
export type Resolver = (host: string) => Promise<readonly string[]>;

/** The exchange began but gave no usable answer: unreachable, timed out, cut off, too large. What the peer did with it is unknown. */
export class EgressFailedError extends Error {
  override readonly name = 'EgressFailedError';
}

/** A peer that has not accepted a connection by then is down. */
const CONNECT_TIMEOUT_MS = 5_000;

const systemResolver: Resolver = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** Hands Node the addresses that were checked, so that no second question to a resolver can be answered differently. */
const pinTo = (addresses: readonly string[]): LookupFunction => {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const first = entries[0];
    if (first === undefined) return callback(new Error('no address'), '');
    if (options.all === true) return callback(null, entries);
    return callback(null, first.address, first.family);
  };
};

const readAnswer = async (message: IncomingMessage, answerBytesMax: number): Promise<OutboundAnswer> => {
  const encoding = message.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new EgressFailedError('the answer is compressed, which was not asked for');
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > answerBytesMax) throw new EgressFailedError(`the answer is larger than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: message.statusCode ?? 0, headers, body: Buffer.concat(chunks, sizeBytes) };
};

/**
 * The only outbound HTTP of the gateway. Each exchange has its own connection, made to an address that was checked for that exchange; agents of
 * our own keep proxy variables out; a redirect is an answer like any other and is never followed.
 */
export class PinnedHttpClient implements HttpClient {
  readonly #httpAgent = new HttpAgent({ keepAlive: false });
  readonly #httpsAgent = new HttpsAgent({ keepAlive: false });

  constructor(
    private readonly policy: EgressPolicy,
    private readonly resolve: Resolver = systemResolver,
  ) {}

  async send(request: OutboundRequest, signal?: AbortSignal): Promise<OutboundAnswer> {
    const target = judgeUrl(request.url, this.policy);
    const budget = startTimeBudget(request.timeoutMs, signal);
    try {
      const addresses =
        target.literal === undefined ? await this.#resolveWithin(target, budget.signal) : [target.literal];
      judgeAddresses(target, addresses);
      return await this.#exchange(request, this.#open(request, target, addresses), budget.signal);
    } finally {
      budget.end();
    }
  }

  async #resolveWithin(target: EgressTarget, stop: AbortSignal): Promise<readonly string[]> {
    stop.throwIfAborted();
    let give: (() => void) | undefined;
    const stopped = new Promise<never>((_resolve, fail) => {
      give = () => fail(new EgressFailedError(`${target.host} was not resolved in time`));
      stop.addEventListener('abort', give, { once: true });
    });
    try {
      return await Promise.race([this.resolve(target.host), stopped]);
    } catch (error) {
      if (error instanceof EgressFailedError) throw error;
      throw new EgressFailedError(`${target.host} cannot be resolved`, { cause: error });
    } finally {
      if (give !== undefined) stop.removeEventListener('abort', give);
    }
  }

  #open(request: OutboundRequest, target: EgressTarget, addresses: readonly string[]): ClientRequest {
    const body = request.body === undefined ? undefined : Buffer.from(request.body);
    const options: RequestOptions = {
      method: request.method,
      lookup: pinTo(addresses),
      headers: {
        ...request.headers,
        'accept-encoding': 'identity',
        ...(body === undefined ? {} : { 'content-length': String(body.length) }),
      },
    };
    const secure = target.url.protocol === 'https:';
    const client = secure
      ? requestHttps(target.url, { ...options, agent: this.#httpsAgent })
      : requestHttp(target.url, { ...options, agent: this.#httpAgent });
    client.end(body);
    return client;
  }

  async #exchange(request: OutboundRequest, client: ClientRequest, stop: AbortSignal): Promise<OutboundAnswer> {
    const abort = (): void => void client.destroy(new EgressFailedError(`no answer within ${request.timeoutMs} ms`));
    const connectTimer = setTimeout(
      () => client.destroy(new EgressFailedError('no connection in time')),
      CONNECT_TIMEOUT_MS,
    );
    client.once('socket', (socket) => socket.once('connect', () => clearTimeout(connectTimer)));
    stop.addEventListener('abort', abort, { once: true });
    if (stop.aborted) abort();
    try {
      const message = await new Promise<IncomingMessage>((answer, fail) =>
        client.once('response', answer).on('error', fail),
      );
      return await readAnswer(message, request.answerBytesMax);
    } catch (error) {
      if (error instanceof EgressFailedError) throw error;
      throw new EgressFailedError(error instanceof Error ? error.message : String(error), { cause: error });
    } finally {
      clearTimeout(connectTimer);
      stop.removeEventListener('abort', abort);
      client.destroy();
    }
  }
}

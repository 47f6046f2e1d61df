import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import {
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import type { Config } from '../config';
import { type RefusedConnection, answerClientError } from './answer-client-error';
import { actBeforeAnswer } from './before-answer';
import { BulkBodies } from './bulk-bodies';
import { type RequestHead, checkHeaders } from './check-headers';
import type { DoorLimits } from './door-limits';
import { endIdle } from './end-idle';
import { unwrap } from './gateway-request';
import { InFlight } from './in-flight';
import { judgeError } from './judge-error';
import { PROBLEM_MEDIA_TYPE, REQUEST_ID_HEADER, retryHeaderOf, writeProblem } from './problem';
import { bodyBoundsOf, readBody } from './read-body';
import { readTls } from './read-tls';
import { RejectionError } from './rejection-error';
import { RouteTable } from './route-table';
import { TokenBuckets, rateKeyOfAddress } from './token-bucket';
import { makeMessageClass, routeUpgrade } from './upgrades';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when a stop begins: whoever only waits (`Prefer: wait`) answers now. As `request.server.draining`. */
    draining: AbortSignal;
  }
}

/** Told what passed, for logs, traces and metrics; the door itself writes none. */
export interface DoorWatcher {
  /** Runs the rest of the request inside its log and trace scope. */
  entered(request: FastifyRequest, reply: FastifyReply, proceed: () => void): void;
  refusedConnection(refusal: RefusedConnection): void;
}

/** What every request passes before anything else of ours runs: limits, strict headers, a request id, the drain of a stop. */
export class Door {
  readonly fastify: FastifyInstance;
  readonly routes = new RouteTable();
  readonly inFlight = new InFlight();
  readonly bulkBodies: BulkBodies;
  readonly addresses: TokenBuckets;
  watcher: DoorWatcher | undefined;
  onDrain: (() => void) | undefined;
  readonly #stopping = new AbortController();
  readonly #config: Config;
  readonly #limits: DoorLimits;

  constructor(config: Config, limits: DoorLimits) {
    this.#config = config;
    this.#limits = limits;
    this.bulkBodies = new BulkBodies(limits.bulkBytesInHandMax);
    this.addresses = new TokenBuckets(limits.addressRatePerSecond, limits.rateKeysMax);
    const messageClass = makeMessageClass((path) => this.routes.takesUpgrade(path));
    this.fastify = createFastify(config, limits, messageClass, (error, socket) => {
      const refusal = answerClientError(error, socket, config.maxHeaderBytes);
      if (refusal !== undefined) this.watcher?.refusedConnection(refusal);
    });
    this.fastify.decorate('draining', this.#stopping.signal);
    this.fastify.server.maxConnections = limits.connectionsMax;
    // Node's own answer to an unknown expectation has no body; ours is a problem (check-headers).
    this.fastify.server.on('checkExpectation', (request, response) => {
      this.fastify.server.emit('request', request, response);
    });
    this.fastify.server.on('timeout', endIdle);
    this.fastify.server.on('upgrade', (request, socket, head) => {
      routeUpgrade(this.fastify, request, { socket, head });
    });
    this.#acceptAnyBody();
    this.fastify.addHook('onRoute', ({ method, url, config }) => {
      this.routes.add(method, url, config);
    });
    this.fastify.addHook('onRequest', (request, reply, done) => {
      this.#enter(request, reply, done);
    });
    this.fastify.addHook('onSend', async (request, reply, payload) => {
      await actBeforeAnswer(request, reply.statusCode);
      return payload;
    });
  }

  /** From here on new requests get `shutting-down`; resolves when those inside have their answer, or after the time. */
  async drain(): Promise<void> {
    this.#stopping.abort();
    this.onDrain?.();
    // The rest of the time belongs to what closes after the door: workers, relay, database.
    await this.inFlight.settled(this.#config.shutdownTimeoutMs * 0.8);
  }

  #enter(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    this.inFlight.enter();
    reply.raw.once('close', () => {
      this.inFlight.leave();
      this.bulkBodies.release(request);
    });
    void reply.headers({
      [REQUEST_ID_HEADER]: request.id,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const proceed = (): void => {
      try {
        this.#judge(request);
        done();
      } catch (error) {
        done(error as Error);
      }
    };
    if (this.watcher === undefined) proceed();
    else this.watcher.entered(request, reply, proceed);
  }

  #judge(request: FastifyRequest): void {
    // The orchestrator must go on seeing the process alive, and not ready, while it drains.
    if (this.#stopping.signal.aborted && !HEALTH.test(request.url)) {
      throw new RejectionError(
        { code: 'shutting-down', detail: 'Another replica will answer.' },
        { headers: { connection: 'close' } },
      );
    }
    const wait = this.addresses.take(rateKeyOfAddress(request.ip), performance.now());
    if (wait > 0) {
      const detail = 'Too many requests from this address.';
      throw new RejectionError({ code: 'rate-limited', detail }, { retryAfterSeconds: wait });
    }
    unwrap(checkHeaders(headOf(request), this.#limits.headersMax));
  }

  /** One parser for every content type, and for none: routes judge the media type, signatures cover the octets. */
  #acceptAnyBody(): void {
    this.fastify.removeAllContentTypeParsers();
    this.fastify.addContentTypeParser('*', (request: FastifyRequest, payload: Readable) =>
      readBody(
        payload,
        Number(request.headers['content-length'] ?? 0),
        bodyBoundsOf(request, { config: this.#config, limits: this.#limits, bulk: this.bulkBodies }),
      ),
    );
  }
}

const HEALTH = /^\/health(?:[/?]|$)/u;

const headOf = ({ raw, method }: FastifyRequest): RequestHead => ({
  method,
  httpVersion: raw.httpVersion,
  rawHeaders: raw.rawHeaders,
});

type ServerOptions = FastifyHttpOptions<Server>;
type ClientErrorHandler = (error: NodeJS.ErrnoException, socket: Socket) => void;

function createFastify(
  config: Config,
  limits: DoorLimits,
  messageClass: typeof IncomingMessage,
  onClientError: ClientErrorHandler,
): FastifyInstance {
  const options: ServerOptions = {
    logger: false,
    trustProxy: false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    bodyLimit: config.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxRequestsPerSocket: limits.requestsPerConnectionMax,
    ...serverOf(config, limits, messageClass),
    routerOptions: { maxParamLength: limits.pathParameterCharsMax, caseSensitive: true },
    clientErrorHandler: onClientError,
    frameworkErrors: answerUnroutable,
  };
  return fastify(options);
}

/** The same rules over HTTP and HTTPS. Fastify takes the options of either by its name. */
function serverOf(
  config: Config,
  limits: DoorLimits,
  messageClass: typeof IncomingMessage,
): Pick<ServerOptions, 'http'> {
  const rules = {
    maxHeaderSize: config.maxHeaderBytes,
    headersTimeout: limits.headTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.timeoutCheckMs,
    // Node's own answer to a missing Host has no body; ours is a problem (check-headers).
    requireHostHeader: false,
    insecureHTTPParser: false,
    IncomingMessage: messageClass,
  };
  const tls = readTls(config, limits.headTimeoutMs);
  return tls === undefined ? { http: rules } : ({ https: { ...rules, ...tls } } as object);
}

/** A path that the router cannot decode is answered before any hook runs, so this writes the whole answer itself. */
function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { rejection } = judgeError(error);
  const problem = writeProblem(rejection, request.id);
  void reply
    .code(problem.status)
    .headers({
      [REQUEST_ID_HEADER]: request.id,
      'cache-control': 'no-store',
      ...retryHeaderOf(problem),
    })
    .type(PROBLEM_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}

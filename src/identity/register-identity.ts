import { Readable } from 'node:stream';
import type { INestApplicationContext } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthHeaders, InSession } from '#atomic-core';
import { RejectionError, isUnderV1, mannersOf, refuse } from '../ingress';
import { RateSharing } from '../rates';
import { withSpan } from '../telemetry';
import type { CallerSource } from './caller';
import { HandshakeService } from './handshake.service';
import { type Authentication, IdentityService } from './identity.service';
import { isSignedByHead, keepHeadSigner } from './sign-stream';
import { keepStanding } from './standing';

/** Octets of one answer: a stream is collected, since its signature goes out in front of it. */
const ANSWER_BYTES_MAX = 64 * 1_048_576;
const EMPTY_ANSWER = '{}';
const BODILESS_STATUSES = new Set([204, 205, 304]);

/** By the route that was matched, never by the path that was sent: `/%76%31/identity` reaches the same handler. */
const needOf = (request: FastifyRequest): 'required' | 'optional' | 'none' => {
  const route = request.routeOptions.url;
  if (isUnderV1(request.is404 || route === undefined ? request.url : route)) return 'required';
  return mannersOf(request).identity === 'optional' ? 'optional' : 'none';
};

const collect = async (payload: unknown): Promise<Buffer> => {
  if (payload === undefined || payload === null) return Buffer.alloc(0);
  if (typeof payload === 'string') return Buffer.from(payload, 'utf8');
  if (payload instanceof Uint8Array) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (!(payload instanceof Readable)) throw new Error('An answer of this type cannot be signed.');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of payload) {
    const octets = Buffer.from(chunk as Uint8Array | string);
    length += octets.length;
    if (length > ANSWER_BYTES_MAX) throw new Error('An answer is too large to be signed.');
    chunks.push(octets);
  }
  return Buffer.concat(chunks);
};

/** An empty answer never resolves in `AuthFetch` (defect A7), so there is none. */
const fillEmpty = (request: FastifyRequest, reply: FastifyReply, body: Buffer): Buffer => {
  if (request.method === 'HEAD') return Buffer.alloc(0);
  if (body.length > 0) return body;
  if (BODILESS_STATUSES.has(reply.statusCode)) void reply.code(200);
  void reply.type('application/json; charset=utf-8');
  return Buffer.from(EMPTY_ANSWER);
};

const readReplyHeaders = (reply: FastifyReply): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return headers;
};

/** A refusal is an ordinary answer: it leaves the span by return, so that only a fault marks it. */
const authenticate = async (
  identity: IdentityService,
  request: FastifyRequest,
  headers: InSession<AuthHeaders>,
): Promise<Authentication> => {
  const outcome = await withSpan('authenticate', {}, () =>
    identity.authenticate(request, headers).catch((cause: unknown) => {
      if (cause instanceof RejectionError) return cause;
      throw cause;
    }),
  );
  if (outcome instanceof RejectionError) throw outcome;
  return outcome;
};

/** Whoever signs is judged by the signature alone: another way beside it would let one choose as whom to be refused. */
const findSource = (request: FastifyRequest, sources: readonly CallerSource[]): CallerSource | undefined => {
  const isSigned = Object.keys(request.headers).some((name) => name.startsWith('x-bsv-auth-'));
  return isSigned ? undefined : sources.find((source) => source.isClaimed(request));
};

/** Whoever has no key, on routes that say that they need none. */
const admitWithoutKey = async (request: FastifyRequest, source: CallerSource): Promise<void> => {
  const caller = await source.authenticate(request);
  if (caller === undefined) return refuse('auth-required');
  keepStanding(request, () => source.isStanding(request));
  request.caller = caller;
};

/**
 * Puts the identity check in front of everything under `/v1`, unknown routes included, and of every route elsewhere that says `identity: 'optional'`,
 * for those who authenticate; and signs every answer to an authenticated caller: of handlers, guards and the problem filter alike. Call it once, after the application is created and before it listens.
 */
export const registerIdentity = (
  app: INestApplicationContext & { getHttpAdapter(): unknown },
  sources: readonly CallerSource[] = [],
): void => {
  const identity = app.get(IdentityService);
  const [rates, handshakes] = [app.get(RateSharing), app.get(HandshakeService)];
  rates.add('handshakes of an address', handshakes.addresses);
  rates.add('handshakes', handshakes.total);
  const fastify = (app.getHttpAdapter() as { getInstance(): FastifyInstance }).getInstance();
  const headersOf = new WeakMap<FastifyRequest, InSession<AuthHeaders>>();
  const sourceOf = new WeakMap<FastifyRequest, CallerSource>();
  const authentications = new WeakMap<FastifyRequest, Authentication>();

  fastify.decorateRequest('caller', undefined);
  fastify.decorateRequest('isAnonymous', false);
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      const need = needOf(request);
      const source = need === 'required' ? findSource(request, sources) : undefined;
      if (source !== undefined) {
        // By the route alone, before a body is read and before anybody is asked who this is.
        if (!request.is404 && mannersOf(request).people !== true) refuse('identity-key-required');
        sourceOf.set(request, source);
        done();
        return;
      }
      const headers = need === 'none' ? undefined : identity.readHeaders(request, need);
      if (headers === undefined) request.isAnonymous = need === 'optional';
      else headersOf.set(request, headers);
      done();
    } catch (refusal) {
      done(refusal as Error);
    }
  });
  fastify.addHook('preHandler', async (request) => {
    const need = needOf(request);
    if (need === 'none') return;
    const source = sourceOf.get(request);
    if (source !== undefined) return admitWithoutKey(request, source);
    const headers = headersOf.get(request) ?? identity.readHeaders(request, need);
    if (headers === undefined) return;
    const authentication = await authenticate(identity, request, headers);
    authentications.set(request, authentication);
    keepHeadSigner(request, (status, headers) =>
      identity.sign(authentication, { status, headers, body: Buffer.alloc(0) }),
    );
    request.caller = authentication.caller;
  });
  fastify.addHook('onSend', async (request, reply, payload) => {
    const authentication = authentications.get(request);
    if (authentication === undefined) return payload;
    // Should signing fail, the answer to that fault goes out unsigned rather than fail again.
    authentications.delete(request);
    const isStream = isSignedByHead(payload);
    const body = isStream ? Buffer.alloc(0) : fillEmpty(request, reply, await collect(payload));
    const headers = readReplyHeaders(reply);
    void reply.headers(identity.sign(authentication, { status: reply.statusCode, headers, body }));
    return isStream || request.method === 'HEAD' ? payload : body;
  });
};

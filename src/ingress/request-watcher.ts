import { type Span, SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Log, type Metrics, runInRequest } from '../telemetry';
import type { RefusedConnection } from './answer-client-error';
import type { DoorWatcher } from './door';
import type { FaultReporter } from './problem.filter';
import { isUpgraded } from './upgrades';

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The authenticated caller, where the identity hook found one. */
interface MaybeCalled {
  readonly caller?: { readonly identityKey: string; readonly organisation: string };
  /** Of the policies that its route was judged by. */
  readonly policyVersion?: string;
}

/** One line, one span and one measure for every request; the line is written when its connection has the answer or is gone. */
export class RequestWatcher implements DoorWatcher {
  readonly #log: Log;
  readonly #metrics: Metrics;

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  entered(request: FastifyRequest, reply: FastifyReply, proceed: () => void): void {
    const startedAt = process.hrtime.bigint();
    // `traceparent` of a stranger joins our spans to its trace; it changes nothing else.
    const parent = propagation.extract(context.active(), request.headers);
    const span = trace
      .getTracer('portcullis')
      .startSpan('request', { kind: SpanKind.SERVER, attributes: { 'portcullis.request_id': request.id } }, parent);
    runInRequest({ requestId: request.id }, () => {
      context.with(trace.setSpan(parent, span), () => {
        reply.raw.once('close', () => {
          this.#answered(request, reply, { span, seconds: Number(process.hrtime.bigint() - startedAt) / 1e9 });
        });
        proceed();
      });
    });
  }

  refusedConnection({ requestId, code, cause }: RefusedConnection): void {
    this.#log.write('info', 'connection refused', { requestId, code, cause });
    this.#metrics.countRequest({ method: 'NONE', route: 'unparsed', status: 400, seconds: 0 });
  }

  readonly reportFault: FaultReporter = (error, request) => {
    this.#log.write('error', 'request failed', { requestId: request.id, route: routeOf(request), error });
  };

  #answered(request: FastifyRequest, reply: FastifyReply, { span, seconds }: { span: Span; seconds: number }): void {
    const route = routeOf(request);
    const method = KNOWN_METHODS.has(request.method) ? request.method : 'OTHER';
    const status = statusOf(request, reply);
    const { caller, policyVersion } = request as MaybeCalled;
    this.#metrics.countRequest({ method, route, status, seconds });
    this.#log.write('info', 'request', {
      requestId: request.id,
      method: request.method,
      path: pathOf(request),
      route,
      status,
      ...(request.problemCode === undefined ? {} : { code: request.problemCode }),
      milliseconds: Math.round(seconds * 1e6) / 1e3,
      ...(caller === undefined ? {} : { identityKey: caller.identityKey, organisation: caller.organisation }),
      ...(policyVersion === undefined ? {} : { policyVersion }),
    });
    span.updateName(`${method} ${route}`);
    span.setAttributes({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status });
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}

/** The queries of these routes hold codes and links that let somebody in. However the path is spelt: the router reads `/%70eople` as it does `/people`. */
const isOfPeople = (path: string): boolean => {
  try {
    return decodeURIComponent(path).startsWith('/people');
  } catch {
    return false;
  }
};

const pathOf = ({ url }: FastifyRequest): string => {
  const [path = ''] = url.split('?', 1);
  return isOfPeople(path) ? path : url;
};

const statusOf = (request: FastifyRequest, reply: FastifyReply): number => {
  if (isUpgraded(request)) return 101;
  return reply.raw.writableFinished ? reply.statusCode : 499;
};

const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'unknown';

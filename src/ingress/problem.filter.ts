import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Judgement, judgeError } from './judge-error';
import {
  PROBLEM_MEDIA_TYPE,
  REQUEST_ID_HEADER,
  overlayStatusOf,
  retryHeaderOf,
  writeOverlayRefusal,
  writeProblem,
} from './problem';
import { mannersOf } from './route-manners';
import { PROBLEM_PAGE_POLICY, writeProblemPage } from './write-problem-page';
import type { RouteTable } from './route-table';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code that was answered, for the request's one log line. */
    problemCode?: string;
  }
}

/** Told about faults only; refusals are ordinary answers and appear in the request's own line. */
export type FaultReporter = (error: unknown, request: FastifyRequest) => void;

/** The only writer of refusals. Covers handlers, guards, hooks, Fastify's own errors and unknown routes. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #routes: RouteTable;
  readonly #reportFault: FaultReporter;

  constructor(routes: RouteTable, reportFault: FaultReporter) {
    this.#routes = routes;
    this.#reportFault = reportFault;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const judgement = this.#judge(error, request);
    if (judgement.isFault || judgement.rejection.code === 'database-unavailable') this.#reportFault(error, request);
    if (reply.raw.headersSent) {
      // Half an answer is out; ending it normally would make it look whole.
      reply.raw.destroy();
      return;
    }
    this.#answer(judgement, request, reply);
  }

  #judge(error: unknown, request: FastifyRequest): Judgement {
    const judgement = judgeError(error);
    if (judgement.rejection.code !== 'route-not-found' || !request.is404) return judgement;
    const allowed = this.#routes.allowedAt(pathOf(request.url));
    if (allowed.length === 0) return judgement;
    const detail = `This route answers ${allowed.join(', ')}.`;
    return { ...judgement, rejection: { code: 'method-not-allowed', detail }, headers: { allow: allowed.join(', ') } };
  }

  #answer({ rejection, headers, retryAfterSeconds }: Judgement, request: FastifyRequest, reply: FastifyReply): void {
    const problem = writeProblem(rejection, request.id, retryAfterSeconds);
    const { refusals } = mannersOf(request);
    const isOverlay = refusals === 'overlay';
    request.problemCode = rejection.code;
    if (refusals === 'page') {
      void reply
        .code(problem.status)
        .headers({ ...headers, ...retryHeaderOf(problem), ...PROBLEM_PAGE_POLICY })
        .type('text/html; charset=utf-8')
        .send(writeProblemPage(problem));
      return;
    }
    void reply
      .code(isOverlay ? overlayStatusOf(problem) : problem.status)
      .header(REQUEST_ID_HEADER, request.id)
      .headers({ ...headers, ...retryHeaderOf(problem) })
      .type(isOverlay ? 'application/json' : PROBLEM_MEDIA_TYPE)
      // Octets, not a string: Fastify would add a charset, which JSON media types do not have.
      .send(Buffer.from(JSON.stringify(isOverlay ? writeOverlayRefusal(problem) : problem)));
  }
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type RejectionCode, rejections } from '#atomic-core';
import { PROBLEM_MEDIA_TYPE, REQUEST_ID_HEADER, RejectionError, retryHeaderOf, writeProblem } from '../ingress';
import { WalletArgumentRefused } from './wallet-argument';

/** `walletErrors.invalidParameter` of the SDK: `HTTPWalletJSON` makes a `WERR_INVALID_PARAMETER` of a 400 with this number and of nothing else. */
const INVALID_PARAMETER = 6;
const VERIFICATION = /^(?:beef|bump|transaction|coinbase|proof)-/;

/** Refusals of the BRC-100 calls, in the words of BRC-100: what an argument is to blame for is its error object, all else a problem with a `message`. */
@Catch(RejectionError)
export class WalletErrorFilter implements ExceptionFilter<RejectionError> {
  catch(error: RejectionError, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { rejection, headers, retryAfterSeconds } = error;
    const problem = writeProblem(rejection, request.id, retryAfterSeconds);
    request.problemCode = rejection.code;
    void reply.header(REQUEST_ID_HEADER, request.id).headers({ ...headers, ...retryHeaderOf(problem) });
    const message = `${problem.title} ${problem.detail} (${problem.code})`;
    const parameter = error instanceof WalletArgumentRefused ? error.parameter : findParameter(rejection.code);
    if (parameter === undefined) {
      this.#send(reply, problem.status, { ...problem, isError: true, message }, PROBLEM_MEDIA_TYPE);
    } else {
      const named = { isError: true, name: 'WERR_INVALID_PARAMETER', code: INVALID_PARAMETER, parameter, message };
      this.#send(reply, 400, { ...named, problem }, 'application/json');
    }
  }

  /** Octets, not a string: Fastify would add a charset, which JSON media types do not have. */
  #send(reply: FastifyReply, status: number, body: unknown, mediaType: string): void {
    void reply
      .code(status)
      .type(mediaType)
      .send(Buffer.from(JSON.stringify(body)));
  }
}

/** The argument that a refusal from further inside is about. One that may be answered otherwise later, or asks for money, is nobody's argument. */
function findParameter(code: RejectionCode): string | undefined {
  const { status, next } = rejections[code];
  if (next === 'pay' || next === 'retry-same' || status === 401 || status === 409 || status === 415) return undefined;
  if (VERIFICATION.test(code)) return 'tx';
  if (code === 'basket-output-absent') return 'output';
  return code === 'request-malformed' ? 'args' : undefined;
}

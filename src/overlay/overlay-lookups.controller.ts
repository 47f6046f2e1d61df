import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { LookupService, writeAnswer, type LookupQuestion, type WrittenAnswer } from '../lookup';
import { PaidByHandler, PaymentClaims, PaymentGate, type FundsTicket, digestRequest, writePaid } from '../payments';
import { readSignable } from '../submissions';
import { HostedTopics } from '../topics';
import { OverlayAccess } from './overlay-access';
import { OverlayRoute } from './overlay-route';
import { writeAggregate } from './write-aggregate';

const NATIVE_ROUTE = { method: 'POST', path: '/v1/lookup' } as const;

@Controller()
export class OverlayLookupsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OverlayAccess) private readonly access: OverlayAccess,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(LookupService) private readonly lookups: LookupService,
    @Inject(PaymentGate) private readonly gate: PaymentGate,
    @Inject(PaymentClaims) private readonly claims: PaymentClaims,
  ) {}

  @Post('lookup')
  @HttpCode(200)
  @OverlayRoute()
  @PaidByHandler()
  async lookUp(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WrittenAnswer | Buffer> {
    const isAggregated = unwrap(readSignable(request, 'aggregation')) === 'yes';
    const question = readOverlayQuestion(request);
    const caller = this.access.admitBuyer(request, [question.service]);
    // Before anybody speaks of money.
    unwrap(this.topics.findLookup(question.service));
    const paid = await this.takePayment(request, caller, question.service);
    if (paid !== undefined) writePaid(reply, paid, this.config.network);
    const answer = unwrap(await this.lookups.answer(question));
    if (!isAggregated || answer.type === 'freeform') return writeAnswer(answer);
    // Exactly this: the SDK compares the whole header.
    void reply.type('application/octet-stream');
    return writeAggregate(answer.outputs);
  }

  /** What is open is free; any other question costs here what it costs on the native route. */
  private async takePayment(
    request: FastifyRequest,
    caller: Caller,
    service: string,
  ): Promise<FundsTicket | undefined> {
    if (this.access.isOpen(service)) return undefined;
    const ticket = unwrap(await this.gate.admit(request, 1, NATIVE_ROUTE));
    if (ticket === undefined) return undefined;
    unwrap(await this.claims.claim({ caller, requestDigest: digestRequest(request), served: request }, ticket));
    return ticket;
  }
}

/** As `overlay-express` asks it: other members are passed over. */
function readOverlayQuestion(request: FastifyRequest): LookupQuestion {
  if (mediaTypeOf(request) !== 'application/json') return refuse('media-type-unsupported', 'application/json');
  const body = unwrap(readJson(bodyOf(request)));
  const { service, query } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof service !== 'string' || query === undefined)
    return refuse('query-malformed', 'the body is an object with service and query');
  return { service, query };
}

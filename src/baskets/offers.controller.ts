import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { PaidByHandler, PaymentGate } from '../payments';
import { PolicyDecisions } from '../policies';
import { writeReceipt } from '../submissions';
import { AcceptancesService, acceptanceBody } from './acceptances.service';
import { OffersService } from './offers.service';
import { readBody } from './read-body';
import { readName } from './read-key';
import { offerBody } from './read-offer';
import { writeOffer } from './write-offer';

/** What an exchange is: it costs as much where it has no price of its own. */
const SUBMISSION = { method: 'POST', path: '/v1/submissions' } as const;

@Controller('v1/offers')
export class OffersController {
  constructor(
    @Inject(OffersService) private readonly offers: OffersService,
    @Inject(AcceptancesService) private readonly acceptances: AcceptancesService,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
    @Inject(PaymentGate) private readonly payments: PaymentGate,
  ) {}

  @Post()
  @HttpCode(201)
  async post(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const name = unwrap(readName(request));
    const body = unwrap(readBody(request, offerBody));
    const offer = unwrap(await this.offers.post(callerOf(request), body, name));
    void reply.header('location', `/v1/offers/${offer.id}`);
    return writeOffer(offer);
  }

  @Get()
  @RouteConfig({ people: true })
  async list(@Req() request: FastifyRequest, @Query() query: unknown): Promise<unknown> {
    return unwrap(await this.offers.list(callerOf(request), query));
  }

  @Get(':id')
  @RouteConfig({ people: true })
  async find(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    return writeOffer(unwrap(await this.offers.find(callerOf(request), id)));
  }

  @Delete(':id')
  async withdraw(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    return writeOffer(unwrap(await this.offers.withdraw(callerOf(request), id)));
  }

  @Post(':id/acceptances')
  @HttpCode(201)
  @PaidByHandler()
  async accept(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<unknown> {
    const name = unwrap(readName(request));
    const body = unwrap(readBody(request, acceptanceBody));
    const policies = this.policies.of(request);
    const pay = () => this.payments.admit(request, 1, SUBMISSION);
    const { receipt } = unwrap(await this.acceptances.take(callerOf(request), { id, body, name, policies, pay }));
    void reply.header('location', `/v1/submissions/${String(receipt['id'])}`);
    return writeReceipt(receipt);
  }
}

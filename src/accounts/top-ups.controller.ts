import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { reject } from '#atomic-core';
import { callerOf } from '../identity';
import { bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { PaidByHandler, PaymentClaims, PaymentGate, SATOSHIS_PAID_HEADER, digestRequest } from '../payments';
import { Accounts, type AccountView } from './accounts.service';

const topUpBody = z.strictObject({ satoshis: z.int().min(1).max(21e14) });

@Controller('v1/accounts/top-ups')
export class TopUpsController {
  constructor(
    @Inject(PaymentGate) private readonly gate: PaymentGate,
    @Inject(PaymentClaims) private readonly claims: PaymentClaims,
    @Inject(Accounts) private readonly accounts: Accounts,
  ) {}

  /** Its price is what it says. All that is paid goes to the account, first to what is owed. */
  @Post()
  @HttpCode(201)
  @PaidByHandler()
  async topUp(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountView & { paid: number }> {
    if (mediaTypeOf(request) !== 'application/json') return refuse('media-type-unsupported', 'application/json');
    const read = topUpBody.safeParse(unwrap(readJson(bodyOf(request))));
    if (!read.success) return unwrap(reject('request-malformed', read.error.issues[0]?.message));
    const { satoshis } = read.data;
    const charge = { satoshis, plan: 'top-up', creditLimit: 0, uses: [] };
    const ticket = unwrap(await this.gate.admitTo(request, { charge, standing: undefined, isPaidAhead: true }));
    const caller = callerOf(request);
    unwrap(await this.claims.claim({ caller, requestDigest: digestRequest(request), topUp: true }, ticket));
    void reply.header(SATOSHIS_PAID_HEADER, String(ticket.satoshis));
    return { ...unwrap(await this.accounts.look(caller, caller.organisation)), paid: ticket.satoshis };
  }
}

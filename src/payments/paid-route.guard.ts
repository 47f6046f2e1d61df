import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config';
import { unwrap } from '../ingress';
import { digestRequest } from './digest-request';
import { PaymentClaims } from './payment-claims.service';
import { PaymentGate } from './payment-gate.service';
import { SATOSHIS_PAID_HEADER } from './payment-terms';
import { unwrapMultipart } from './read-session-payment';

const PAID_BY_HANDLER = 'portcullis:paid-by-handler';

/** Marks a handler that takes its payment itself: in the COMMIT of what it pays for, or for each of many parts. */
export const PaidByHandler = (): MethodDecorator => SetMetadata(PAID_BY_HANDLER, true);

/**
 * Stands in front of every authenticated route, so that putting a price on a route takes a line of configuration and no code. The payment is taken
 * before the handler: one that was served and not taken could be shown again elsewhere, one taken and not served is served on retry.
 */
@Injectable()
export class PaidRouteGuard implements CanActivate {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(PaymentGate) private readonly gate: PaymentGate,
    @Inject(PaymentClaims) private readonly claims: PaymentClaims,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { caller } = request;
    if (caller !== undefined && this.config.paymentDialects.includes('brc-118')) unwrap(unwrapMultipart(request));
    if (caller === undefined || this.reflector.get(PAID_BY_HANDLER, context.getHandler()) === true) return true;
    const ticket = unwrap(await this.gate.admit(request));
    if (ticket === undefined) return true;
    unwrap(await this.claims.claim({ caller, requestDigest: digestRequest(request), served: request }, ticket));
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    void reply.header(SATOSHIS_PAID_HEADER, String(ticket.satoshis));
    return true;
  }
}

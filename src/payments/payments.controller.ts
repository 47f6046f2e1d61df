import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { reject } from '#atomic-core';
import { callerOf, keyHolderOf } from '../identity';
import { unwrap } from '../ingress';
import { PaymentReads, type PaymentAnswer, type PaymentList } from './payment-reads.service';

const PAYMENTS_MAX = 1_000;
const paymentsQuery = z.strictObject({
  whose: z.enum(['own', 'all']).default('own'),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
  limit: z.coerce.number().int().min(1).max(PAYMENTS_MAX).default(100),
});

@Controller('v1/payments')
export class PaymentsController {
  constructor(@Inject(PaymentReads) private readonly reads: PaymentReads) {}

  /** What was taken, newest first: of the organisation, or of everybody for who runs this gateway. */
  @Get()
  @RouteConfig({ people: true })
  async list(@Req() request: FastifyRequest, @Query() asked: unknown): Promise<PaymentList> {
    const read = paymentsQuery.safeParse(asked);
    if (!read.success) return unwrap(reject('query-malformed', read.error.issues[0]?.message));
    const { whose, ...page } = read.data;
    return unwrap(await this.reads.list(callerOf(request), whose, page));
  }

  /** By the prefix of its terms or its outpoint, for whoever was given the terms or paid. */
  @Get(':reference')
  async find(@Req() request: FastifyRequest, @Param('reference') reference: string): Promise<PaymentAnswer> {
    return unwrap(await this.reads.describe(keyHolderOf(request).identityKey, reference));
  }
}

import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { keyHolderOf } from '../identity';
import { PaymentReads, type PaymentAnswer } from './payment-reads.service';
import { unwrap } from '../ingress';

@Controller('v1/payments')
export class PaymentsController {
  constructor(@Inject(PaymentReads) private readonly reads: PaymentReads) {}

  /** By the prefix of its terms or its outpoint, for whoever was given the terms or paid. */
  @Get(':reference')
  async find(@Req() request: FastifyRequest, @Param('reference') reference: string): Promise<PaymentAnswer> {
    return unwrap(await this.reads.describe(keyHolderOf(request).identityKey, reference));
  }
}

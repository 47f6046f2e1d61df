import { Module } from '@nestjs/common';
import { RateSharing } from './rate-sharing.runner';

/** Budgets of requests that hold over all processes. */
@Module({ providers: [RateSharing], exports: [RateSharing] })
export class RatesModule {}

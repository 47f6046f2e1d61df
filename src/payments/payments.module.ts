import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { IdentityModule } from '../identity';
import { VerificationModule } from '../verification';
import { PaidRouteGuard } from './paid-route.guard';
import { PaymentClaims } from './payment-claims.service';
import { PaymentGate } from './payment-gate.service';
import { QuotePruningRunner } from './quote-pruning.runner';

/** What it costs: the price list, quotes, the check of a payment, and the guard of every priced route. */
@Module({
  imports: [IdentityModule, VerificationModule],
  providers: [PaymentGate, PaymentClaims, QuotePruningRunner, { provide: APP_GUARD, useClass: PaidRouteGuard }],
  exports: [PaymentGate],
})
export class PaymentsModule {}

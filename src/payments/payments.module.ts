import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { CONFIG, type Config } from '../config';
import { IdentityModule } from '../identity';
import type { GatewayAdapter } from '../ingress';
import { VerificationModule } from '../verification';
import { PlansModule } from '../plans';
import { BulkPayments } from './bulk-payments.service';
import { Charges } from './charges.service';
import { FacilitatorController } from './facilitator.controller';
import { FacilitatorService } from './facilitator.service';
import { PaidRouteGuard } from './paid-route.guard';
import { PaymentClaims } from './payment-claims.service';
import { PaymentGate } from './payment-gate.service';
import { PaymentJudge } from './payment-judge.service';
import { PaymentReads } from './payment-reads.service';
import { PaymentsController } from './payments.controller';
import { QuotePruningRunner } from './quote-pruning.runner';
import { refuseUnroutedPrices } from './refuse-unrouted-prices';
import { Servings } from './servings.runner';
import { StrangerPayments } from './stranger-payments.service';
import { UsePruningRunner } from './use-pruning.runner';

/** What it costs: the price list, quotes, the check of a payment, and the guard of every priced route. */
@Module({
  imports: [IdentityModule, PlansModule, VerificationModule],
  controllers: [PaymentsController, FacilitatorController],
  providers: [
    FacilitatorService,
    PaymentReads,
    Charges,
    Servings,
    UsePruningRunner,
    PaymentGate,
    PaymentClaims,
    PaymentJudge,
    StrangerPayments,
    BulkPayments,
    QuotePruningRunner,
    { provide: APP_GUARD, useClass: PaidRouteGuard },
  ],
  exports: [PaymentGate, PaymentClaims, BulkPayments, Charges],
})
export class PaymentsModule implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost<GatewayAdapter>,
  ) {}

  /** Nest has registered every route by now, and nobody is served yet. */
  onModuleInit(): void {
    const routes = this.host.httpAdapter.listRoutes();
    refuseUnroutedPrices(this.config.prices, routes);
    for (const plan of Object.values(this.config.plans)) refuseUnroutedPrices(plan.routes, routes, 'PORTCULLIS_PLANS');
  }
}

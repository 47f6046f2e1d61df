import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  type Charge,
  type Customer,
  type Plan,
  type PriceRow,
  type PricedRequest,
  chargeRequest,
  findPrice,
  type PlanCounter,
  listPlanCounters,
} from '#atomic-core';
import { type AccountStanding, type Counter, type CounterUse, readAccount } from '#ledger';
import { CONFIG, type Config } from '../config';
import { NOBODY, PUBLIC } from '../identity';
import { bodyOf, rateKeyOfAddress } from '../ingress';
import { Plans } from '../plans';
import { digestRequest } from './digest-request';
import { periodsAt } from './periods-at';
import { planVersionOf } from './plan-version';

/** A route as a price list names it. */
export type RouteName = Pick<PriceRow, 'method' | 'path'>;

/** What a request costs, and how the account of who asks stands, where the price had to know. */
export interface PricedCharge {
  readonly charge: Charge;
  readonly standing: AccountStanding | undefined;
  /** It goes to the account itself, which is not drawn on for it. */
  readonly isPaidAhead?: boolean;
}

export const customerOf = ({ caller }: FastifyRequest): Customer =>
  caller ?? { organisation: PUBLIC, identityKey: NOBODY };

/** What requests cost: by the plan of who asks, else by the price list. */
@Injectable()
export class Charges {
  private readonly listLabel: string;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Plans) private readonly plans: Plans,
    @Inject(DataSource) private readonly database: DataSource,
  ) {
    this.listLabel = `prices@${planVersionOf(config.prices).slice(0, 12)}`;
  }

  /**
   * Undefined where the request is free. `quantity` is how many times the price is asked. `like`: of a route that does what this one does; a route without a
   * price of its own costs what that one costs, so that no second way in is a way round the first.
   */
  async find(request: FastifyRequest, quantity: number, like?: RouteName): Promise<PricedCharge | undefined> {
    const customer = customerOf(request);
    const plan = this.plans.find(customer);
    const own = { method: request.method, path: request.routeOptions.url ?? '' };
    const routes = like === undefined ? [own] : [own, like];
    for (const route of plan === undefined ? [] : routes) {
      const priced = await this.findOfPlan(request, plan as Plan, { quantity, route, customer });
      // Free by the plan is a price too.
      if (priced !== undefined) return isFree(priced.charge) ? undefined : priced;
    }
    for (const { method, path } of routes) {
      const satoshis = capped(findPrice(this.config.prices, method, path) * quantity);
      if (satoshis === 0) continue;
      const charge = { satoshis, plan: this.listLabel, creditLimit: plan?.creditLimit ?? 0, uses: [] };
      return { charge, standing: undefined };
    }
    return undefined;
  }

  /** Whether it may cost anything, without a look at what was used. */
  isPriced(request: FastifyRequest, like?: RouteName): boolean {
    const plan = this.plans.find(customerOf(request));
    const own = { method: request.method, path: request.routeOptions.url ?? '' };
    return (like === undefined ? [own] : [own, like]).some(
      ({ method, path }) =>
        findPrice(this.config.prices, method, path) > 0 ||
        (plan !== undefined && chargeRequest(plan, this.ask(request, { method, path }, 1), []) !== undefined),
    );
  }

  private async findOfPlan(
    request: FastifyRequest,
    plan: Plan,
    { quantity, route, customer }: { quantity: number; route: RouteName; customer: Customer },
  ): Promise<PricedCharge | undefined> {
    const asked = this.ask(request, route, quantity);
    const counters = listPlanCounters(plan, asked).map(datesOf);
    const standing =
      counters.length === 0
        ? undefined
        : await readAccount(this.database, customer.organisation, counters, {
            identityKey: customer.identityKey,
            requestDigest: digestRequest(request),
          });
    const charge = chargeRequest(plan, asked, standing?.used ?? []);
    return charge && { charge: { ...charge, satoshis: capped(charge.satoshis) }, standing };
  }

  private ask(request: FastifyRequest, route: RouteName, quantity: number): PricedRequest {
    return {
      ...{ method: route.method, route: route.path, organisation: customerOf(request).organisation, quantity },
      address: rateKeyOfAddress(request.ip),
      bodyBytes: bodyOf(request).length,
      periods: periodsAt(Date.now()),
    };
  }
}

/** Nobody can pay more than there is. */
const SUPPLY = 21e14;
const capped = (satoshis: number): number => Math.min(satoshis, SUPPLY);

const isFree = ({ satoshis, uses }: Charge): boolean => satoshis === 0 && uses.length === 0;

const datesOf = ({ organisation, counter, startsMs, endsMs }: PlanCounter): Counter => ({
  ...{ organisation, counter, starts: new Date(startsMs), ends: new Date(endsMs) },
});

/** As the ledger counts them. */
export const listUses = ({ uses }: Charge): readonly CounterUse[] =>
  uses.map((use) => ({
    ...datesOf(use),
    quantity: use.quantity,
    ...(use.granted !== undefined && { granted: use.granted }),
  }));

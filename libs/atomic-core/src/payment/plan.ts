import type { Satoshis } from '../bytes';
import { findPattern } from './find-price';

export type Period = 'day' | 'month';

/** A request costs the tier in which it falls: the first `upTo` of a period the first price, and so on; the last tier has no end. */
export interface Tier {
  readonly upTo?: number;
  readonly satoshis: Satoshis;
}

/** What a submission is measured by. What is not known before it was verified is paid for up to the ceiling, and the rest goes to the account. */
export interface Meter {
  readonly base: Satoshis;
  /** For each 1,024 bytes of the body, begun ones whole. */
  readonly perKilobyte?: Satoshis;
  /** Of the BEEF, ancestors included. */
  readonly perTransaction?: Satoshis;
  /** Inputs whose scripts are judged: of the subject and of its unproven ancestors. */
  readonly perInput?: Satoshis;
  /** Outputs that topics admit. */
  readonly perOutput?: Satoshis;
  readonly ceiling: Satoshis;
}

export type RoutePrice =
  | { readonly flat: Satoshis }
  | { readonly tiers: readonly Tier[]; readonly period: Period }
  | { readonly meter: Meter };

export interface PlanRoute {
  readonly method: string;
  /** A route pattern; `*` or `:name` stands for one segment. */
  readonly path: string;
  readonly price: RoutePrice;
}

/** One version of what some customers pay. A version is never changed: another one takes effect after it. */
export interface Plan {
  readonly name: string;
  readonly version: number;
  /** By which prices and entries name this version: `name@version`. */
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  /** Names of organisations and identity keys; `*` is everybody whom no other plan names. */
  readonly customers: readonly string[];
  readonly routes: readonly PlanRoute[];
  /** Requests of priced routes that cost nothing. */
  readonly allowance?: { readonly requests: number; readonly period: Period; readonly per: 'organisation' | 'address' };
  readonly discountPercent?: number;
  /** How far below zero the balance of such a customer may go. */
  readonly creditLimit?: Satoshis;
}

export interface Customer {
  readonly organisation: string;
  readonly identityKey: string;
}

/** The newest version of each plan that is in effect; of these the one that names the customer, else the one for everybody. */
export const findPlan = (plans: readonly Plan[], customer: Customer, atMs: number): Plan | undefined => {
  const newest = new Map<string, Plan>();
  for (const plan of plans) {
    const known = newest.get(plan.name);
    if (plan.fromMs <= atMs && (known === undefined || known.version < plan.version)) newest.set(plan.name, plan);
  }
  const current = [...newest.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  const { organisation, identityKey } = customer;
  const isNamed = ({ customers }: Plan): boolean => customers.includes(organisation) || customers.includes(identityKey);
  return current.find(isNamed) ?? current.find(({ customers }) => customers.includes('*'));
};

/** Milliseconds since the epoch. */
export interface PeriodBounds {
  readonly startsMs: number;
  readonly endsMs: number;
}

/** A request whose price is asked. */
export interface PricedRequest {
  readonly method: string;
  /** The pattern that the router matched. */
  readonly route: string;
  readonly organisation: string;
  readonly address: string;
  readonly bodyBytes: number;
  /** How many times the price is asked: a batch costs it for each of its lines. */
  readonly quantity: number;
  readonly periods: Readonly<Record<Period, PeriodBounds>>;
}

export interface PlanCounter extends PeriodBounds {
  readonly organisation: string;
  readonly counter: string;
}

export interface PlanUse extends PlanCounter {
  readonly quantity: number;
  /** Undefined: counted, and not bounded. */
  readonly granted?: number;
}

/** What a request costs, and what it counts as once it is paid for. */
export interface Charge {
  readonly satoshis: Satoshis;
  /** The label of the plan. */
  readonly plan: string;
  readonly creditLimit: Satoshis;
  readonly uses: readonly PlanUse[];
  /** The satoshis are a ceiling: what it really costs is said by `settleMeter`. */
  readonly meter?: MeteredCharge;
}

export interface MeteredCharge {
  readonly meter: Meter;
  readonly quantity: number;
  readonly bodyBytes: number;
  readonly discountPercent: number;
}

const findRoute = ({ routes }: Plan, { method, route }: PricedRequest): PlanRoute | undefined =>
  findPattern(routes, method, route);

const allowanceOf = (plan: Plan, asked: PricedRequest): PlanCounter | undefined => {
  const { allowance, name } = plan;
  if (allowance === undefined) return undefined;
  const organisation = allowance.per === 'address' ? `address ${asked.address}` : asked.organisation;
  return { organisation, counter: `allowance ${name}`, ...asked.periods[allowance.period] };
};

const volumeOf = (plan: Plan, asked: PricedRequest, route: PlanRoute): PlanCounter | undefined => {
  if (!('tiers' in route.price)) return undefined;
  const counter = `volume ${plan.name} ${route.method} ${route.path}`;
  return { organisation: asked.organisation, counter, ...asked.periods[route.price.period] };
};

/** What has to be known of the past before the price is. Empty where the route is free or its price does not depend on it. */
export const listPlanCounters = (plan: Plan, asked: PricedRequest): readonly PlanCounter[] => {
  const route = findRoute(plan, asked);
  if (route === undefined) return [];
  return [allowanceOf(plan, asked), volumeOf(plan, asked, route)].filter((counter) => counter !== undefined);
};

const sumTiers = (tiers: readonly Tier[], used: number, quantity: number): Satoshis => {
  let sum = 0;
  let from = used;
  for (const { upTo = Infinity, satoshis } of tiers) {
    const count = Math.max(0, Math.min(upTo, used + quantity) - from);
    sum += count * satoshis;
    from += count;
  }
  return sum;
};

/** Rounded up, so that a discount never makes a priced request free. */
const discount = (satoshis: Satoshis, percent: number): Satoshis => Math.ceil((satoshis * (100 - percent)) / 100);

const measureBody = ({ base, perKilobyte = 0 }: Meter, quantity: number, bodyBytes: number): Satoshis =>
  base * quantity + perKilobyte * Math.ceil(bodyBytes / 1_024);

const isKnownBefore = ({ perTransaction, perInput, perOutput }: Meter): boolean =>
  perTransaction === undefined && perInput === undefined && perOutput === undefined;

/** What was found when the request was verified. */
export interface Measured {
  readonly transactions: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What a metered request really costs: never above what it was told. */
export const settleMeter = (charge: MeteredCharge, measured: Measured): Satoshis => {
  const { meter, quantity, bodyBytes, discountPercent } = charge;
  const { perTransaction = 0, perInput = 0, perOutput = 0, ceiling } = meter;
  const found = perTransaction * measured.transactions + perInput * measured.inputs + perOutput * measured.outputs;
  return discount(Math.min(ceiling * quantity, measureBody(meter, quantity, bodyBytes) + found), discountPercent);
};

/** `used`: of each of the counters of `listPlanCounters`, in their order. Undefined where the plan does not price the route. */
export const chargeRequest = (plan: Plan, asked: PricedRequest, used: readonly number[]): Charge | undefined => {
  const route = findRoute(plan, asked);
  if (route === undefined) return undefined;
  const { allowance, discountPercent = 0, creditLimit = 0 } = plan;
  const { quantity, bodyBytes } = asked;
  const rest = { plan: plan.label, creditLimit };
  const free = allowanceOf(plan, asked);
  if (free && allowance && (used[0] ?? 0) + quantity <= allowance.requests)
    return { ...rest, satoshis: 0, uses: [{ ...free, quantity, granted: allowance.requests }] };
  const { price } = route;
  if ('flat' in price) return { ...rest, satoshis: discount(price.flat * quantity, discountPercent), uses: [] };
  if ('tiers' in price) {
    const volume = volumeOf(plan, asked, route);
    const before = used[free === undefined ? 0 : 1] ?? 0;
    const satoshis = discount(sumTiers(price.tiers, before, quantity), discountPercent);
    return { ...rest, satoshis, uses: volume === undefined ? [] : [{ ...volume, quantity }] };
  }
  const { meter } = price;
  if (isKnownBefore(meter)) {
    const known = Math.min(meter.ceiling * quantity, measureBody(meter, quantity, bodyBytes));
    return { ...rest, satoshis: discount(known, discountPercent), uses: [] };
  }
  const satoshis = discount(meter.ceiling * quantity, discountPercent);
  return { ...rest, satoshis, uses: [], meter: { meter, quantity, bodyBytes, discountPercent } };
};

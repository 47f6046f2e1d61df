import { chargeRequest, findPlan, listPlanCounters, settleMeter } from './plan';
import type { Charge, Plan, PlanRoute, PricedRequest, RoutePrice } from './plan';

const day = { startsMs: 0, endsMs: 86_400_000 };
const month = { startsMs: 0, endsMs: 31 * 86_400_000 };
const request = (over: Partial<PricedRequest> = {}): PricedRequest => ({
  ...{ method: 'POST', route: '/v1/submissions', organisation: 'acme', address: '192.0.2.1' },
  ...{ bodyBytes: 2_000, quantity: 1, periods: { day, month } },
  ...over,
});
const route = (price: RoutePrice): PlanRoute => ({ method: 'POST', path: '/v1/submissions', price });
const planOf = (price: RoutePrice, over: Partial<Plan> = {}): Plan => ({
  ...{ name: 'standard', version: 3, label: 'standard@3', fromMs: 0, customers: ['*'], routes: [route(price)] },
  ...over,
});
const charge = (plan: Plan, used: readonly number[] = [], over: Partial<PricedRequest> = {}): Charge | undefined =>
  chargeRequest(plan, request(over), used);

describe('which plan is a customer’s', () => {
  const price = { flat: 1 };
  const everybody = planOf(price, { name: 'everybody', version: 1 });
  const acme = planOf(price, { name: 'acme', version: 1, customers: ['acme'] });
  const customer = { organisation: 'acme', identityKey: '02aa' };
  it('is the one that names it, else the one for everybody, else none', () => {
    expect(findPlan([everybody, acme], customer, 5)).toBe(acme);
    expect(findPlan([everybody, acme], { organisation: 'globex', identityKey: '02bb' }, 5)).toBe(everybody);
    expect(findPlan([acme], { organisation: 'globex', identityKey: '02bb' }, 5)).toBeUndefined();
    const byKey = planOf(price, { name: 'key', customers: ['02bb'] });
    expect(findPlan([everybody, byKey], { organisation: 'globex', identityKey: '02bb' }, 5)).toBe(byKey);
  });

  it('is the newest version that is in effect, and an older one no more though it named the customer', () => {
    const later = { ...acme, version: 2, fromMs: 10 };
    const dropped = { ...acme, version: 3, fromMs: 20, customers: ['globex'] };
    const plans = [dropped, later, acme, everybody];
    expect(findPlan(plans, customer, 9)).toBe(acme);
    expect(findPlan(plans, customer, 10)).toBe(later);
    expect(findPlan(plans, customer, 20)).toBe(everybody);
  });
});

describe('a price', () => {
  it('is undefined for a route that the plan does not name, and the same for its HEAD', () => {
    expect(charge(planOf({ flat: 5 }), [], { route: '/v1/other' })).toBeUndefined();
    const read = planOf({ flat: 5 }, { routes: [{ method: 'GET', path: '/v1/x/*', price: { flat: 5 } }] });
    expect(charge(read, [], { method: 'HEAD', route: '/v1/x/:id' })).toMatchObject({ satoshis: 5 });
  });

  it.each<[string, RoutePrice, number[], number, number]>([
    ['flat', { flat: 200 }, [], 1, 200],
    ['flat, for each line of a batch', { flat: 200 }, [], 7, 1_400],
    ['of the first tier', { period: 'month', tiers: [{ upTo: 10, satoshis: 5 }, { satoshis: 2 }] }, [9], 1, 5],
    ['of the second tier', { period: 'month', tiers: [{ upTo: 10, satoshis: 5 }, { satoshis: 2 }] }, [10], 1, 2],
    ['of both', { period: 'month', tiers: [{ upTo: 10, satoshis: 5 }, { satoshis: 2 }] }, [8], 4, 14],
    ['by begun kilobytes', { meter: { base: 10, perKilobyte: 3, ceiling: 100 } }, [], 1, 16],
    ['by kilobytes up to the ceiling', { meter: { base: 99, perKilobyte: 3, ceiling: 100 } }, [], 1, 100],
    ['a ceiling', { meter: { base: 10, perOutput: 3, ceiling: 100 } }, [], 2, 200],
  ])('is %s', (_name, price, used, quantity, satoshis) => {
    expect(charge(planOf(price), used, { quantity })).toMatchObject({ satoshis, plan: 'standard@3', creditLimit: 0 });
  });

  it('counts towards the volume that sets it, and nothing else does', () => {
    const plan = planOf({ period: 'day', tiers: [{ satoshis: 5 }] });
    const counter = { organisation: 'acme', counter: 'volume standard POST /v1/submissions', ...day };
    expect(listPlanCounters(plan, request())).toEqual([counter]);
    expect(charge(plan, [0], { quantity: 2 })?.uses).toEqual([{ ...counter, quantity: 2 }]);
    expect(listPlanCounters(planOf({ flat: 5 }), request())).toEqual([]);
  });

  it('is discounted and never to nothing', () => {
    expect(charge(planOf({ flat: 199 }, { discountPercent: 50 }))?.satoshis).toBe(100);
    expect(charge(planOf({ flat: 1 }, { discountPercent: 99 }))?.satoshis).toBe(1);
    expect(charge(planOf({ flat: 100 }, { creditLimit: 9 }))).toMatchObject({ creditLimit: 9 });
  });

  it.each([
    [{ transactions: 1, inputs: 2, outputs: 3 }, 10 + 6 + 1 + 4 + 9],
    [{ transactions: 0, inputs: 0, outputs: 0 }, 16],
    [{ transactions: 1_000, inputs: 2_000, outputs: 3_000 }, 100],
  ])('is settled by what was found, up to what was told: %j', (measured, satoshis) => {
    const meter = { base: 10, perKilobyte: 3, perTransaction: 1, perInput: 2, perOutput: 3, ceiling: 100 };
    const metered = charge(planOf({ meter }))?.meter;
    expect(metered && settleMeter(metered, measured)).toBe(satoshis);
    const half = charge(planOf({ meter }, { discountPercent: 50 }));
    expect(half?.meter && settleMeter(half.meter, measured)).toBe(Math.ceil(satoshis / 2));
    expect(half?.satoshis).toBe(50);
  });
});

describe('an allowance', () => {
  const allowance = { requests: 3, period: 'day', per: 'organisation' } as const;
  const tiers: RoutePrice = { period: 'month', tiers: [{ upTo: 1, satoshis: 9 }, { satoshis: 4 }] };
  const counter = { organisation: 'acme', counter: 'allowance standard', ...day };
  it('pays for a whole request or for none of it, and then the price is asked', () => {
    const plan = planOf(tiers, { allowance });
    expect(listPlanCounters(plan, request())).toMatchObject([counter, { counter: expect.stringMatching(/^volume/u) }]);
    expect(charge(plan, [2, 0])).toMatchObject({ satoshis: 0, uses: [{ ...counter, quantity: 1, granted: 3 }] });
    expect(charge(plan, [2, 0], { quantity: 2 })).toMatchObject({ satoshis: 13 });
    expect(charge(plan, [3, 1])).toMatchObject({ satoshis: 4 });
  });

  it('may be of an address, whoever calls from there', () => {
    const plan = planOf({ flat: 5 }, { allowance: { ...allowance, per: 'address' } });
    expect(charge(plan, [0])?.uses).toMatchObject([{ organisation: 'address 192.0.2.1' }]);
    expect(charge(plan, [3])).toMatchObject({ satoshis: 5, uses: [] });
  });
});

import { z } from 'zod';
import { type Plan, sha256 } from '#atomic-core';
import { described, structured, wholeNumber } from './fields';

const satoshis = wholeNumber(0, 21e14);
const period = z.enum(['day', 'month']);
/** Some number that no count of a period passes. */
const COUNT_MAX = 1e12;

const tier = z.strictObject({ upTo: wholeNumber(1, COUNT_MAX).optional(), satoshis: wholeNumber(1, 21e14) });
const tiers = z
  .array(tier)
  .min(1)
  .max(32)
  .refine(
    (list) => list.every(({ upTo }, at) => (upTo === undefined) === (at === list.length - 1)),
    'only the last tier has no `upTo`',
  )
  .refine(
    (list) => list.every(({ upTo = Infinity }, at) => upTo > (list[at - 1]?.upTo ?? 0)),
    'each tier ends after the one before',
  )
  // Volume is counted when it is paid for. Whoever collected terms of a cheap tier before it ended could pay a dear one with them; what is free has an allowance.
  .refine(
    (list) => list.every(({ satoshis: price }, at) => price <= (list[at - 1]?.satoshis ?? Infinity)),
    'no tier is dearer than the one before',
  );

const meter = z.strictObject({
  base: satoshis,
  perKilobyte: satoshis.optional(),
  perTransaction: satoshis.optional(),
  perInput: satoshis.optional(),
  perOutput: satoshis.optional(),
  ceiling: wholeNumber(1, 21e14),
});

const price = z.union([
  z.strictObject({ flat: satoshis }),
  z.strictObject({ period, tiers }),
  z.strictObject({ meter }),
]);

/** Where a meter can be read: the others know nothing of a transaction when they are paid for. */
const METERED_PATHS = ['/v1/submissions', '/submit'];
const isReadable = ({ path, price: asked }: { path: string; price: z.output<typeof price> }): boolean => {
  if (!('meter' in asked) || METERED_PATHS.includes(path)) return true;
  const { perTransaction, perInput, perOutput } = asked.meter;
  return perTransaction === undefined && perInput === undefined && perOutput === undefined;
};

/** What a plan says, in the configuration and over `/v1/plans`; `refuseForEverybody` is the rest. */
export const planDefinition = z.strictObject({
  customers: z.array(z.string().trim().min(1).max(256)).min(1).max(1_024),
  routes: z
    .array(
      z
        .strictObject({
          method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
          path: z.string().regex(/^\/(?:v1\/|submit$|lookup$)/u, 'must start with /v1/, or be /submit or /lookup'),
          price,
        })
        .refine(isReadable, 'only submissions are metered by transaction, input or output'),
    )
    .max(256),
  allowance: z
    .strictObject({ requests: wholeNumber(1, COUNT_MAX), period, per: z.enum(['organisation', 'address']) })
    .optional(),
  discountPercent: wholeNumber(0, 99).optional(),
  creditLimit: satoshis.optional(),
});
export const planName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/u, 'must be lower-case letters, digits and hyphens');

export type PlanDefinition = z.output<typeof planDefinition>;

/** Each new key is an organisation of its own: what everybody gets for nothing, whoever makes keys gets without end. */
export const isForEverybody = ({ customers, creditLimit = 0, allowance }: PlanDefinition): boolean =>
  !customers.includes('*') || (creditLimit === 0 && allowance?.per !== 'organisation');
export const FOR_EVERYBODY =
  'credit, and an allowance of an organisation, are for customers with a name; of an address it may be for all';

export const planSettings = {
  plans: described(
    structured(z.record(planName, planDefinition.refine(isForEverybody, FOR_EVERYBODY))).default({}),
    'JSON: name → plan `{customers, routes: [{method, path, price}], allowance?, discountPercent?, creditLimit?}`; a customer is an organisation, an identity key, or `*`; a price is `{flat}`, `{period, tiers: [{upTo?, satoshis}]}` or `{meter: {base, perKilobyte?, perTransaction?, perInput?, perOutput?, ceiling}}`; `/v1/plans` publishes others',
  ),
  exposure: described(
    structured(z.strictObject({ payerMax: satoshis.optional(), totalMax: satoshis.optional() })).default({}),
    'JSON: `{payerMax?, totalMax?}`: satoshis of payments that the network has not accepted yet, for which one payer, and all together, are served; a payment in a block always is',
    'no bound',
  ),
} as const;

/** Keys that are absent stay absent: a plan is compared and hashed as it is written. */
const omitAbsent = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export const readPlan = (
  name: string,
  definition: PlanDefinition,
  at: Pick<Plan, 'version' | 'label' | 'fromMs'>,
): Plan => ({ ...omitAbsent(definition), name, ...at }) as Plan;

/** Of the configuration: in effect from the start. What it says is in its name, so that entries of before another configuration are told apart. */
export const listConfiguredPlans = (plans: Readonly<Record<string, PlanDefinition>>): Plan[] =>
  Object.entries(plans).map(([name, definition]) => {
    const digest = Buffer.from(sha256(Buffer.from(JSON.stringify(definition), 'utf8'))).toString('hex');
    return readPlan(name, definition, { version: 0, label: `${name}@${digest.slice(0, 12)}`, fromMs: 0 });
  });

import { z } from 'zod';
import type { Operation, Parameter } from '../operation';

const json = 'application/json';
const moment = z.iso.datetime();
const KEY = '02ab1c4f01b8ea24b0937a0a904ba9deec81a3120b784ed5f0662a2f9a4e2b19cd';

const account = z.object({
  organisation: z.string().describe('An identity that no organisation names is one of its own'),
  balance: z.int().describe('Satoshis paid ahead; below zero on credit'),
  debt: z.int().min(0).describe('Satoshis of payments that the network refused after they were taken'),
  plan: z.string().nullable().describe('By which it pays now; null: the price list'),
  creditLimit: z.int().min(0).describe('How far below zero the balance may go'),
});
const accountExample = { organisation: 'acme', balance: 8_400, debt: 0, plan: 'standard@3', creditLimit: 0 };

const entry = z.object({
  seq: z.int().min(1),
  kind: z
    .enum(['top-up', 'overpaid', 'draw', 'credit', 'debt'])
    .describe('Paid ahead; paid above the price; drawn; given back where serving failed; refused by the network'),
  satoshis: z.int().describe('What it did to the balance'),
  owed: z.int().describe('What it did to the debt'),
  balance: z.int(),
  debt: z.int().min(0),
  key: z
    .string()
    .describe('What it is for: `transition:` and the id of a submission, `payment:` and an outpoint in hex'),
  identityKey: z.string(),
  plan: z.string().nullable(),
  method: z.string().nullable(),
  path: z.string().nullable(),
  auditLeaf: z.int().min(0).nullable(),
  at: moment,
});
const entryExample = {
  ...{ seq: 2, kind: 'draw', satoshis: -200, owed: 0, balance: 8_400, debt: 0, identityKey: KEY, auditLeaf: 41 },
  ...{ key: 'transition:3f0c9a52-6f0e-4c1a-9a52-1d2e3f405162', plan: 'standard@3', method: 'POST' },
  ...{ path: '/v1/submissions', at: '2026-12-01T12:00:00.000Z' },
};

const holder: Parameter = {
  name: 'holder',
  in: 'path',
  description: 'An organisation, or an identity key, which has the account of its organisation',
  schema: z.string().max(256),
};

const price = z.union([
  z.object({ flat: z.int().min(0) }),
  z.object({
    period: z.enum(['day', 'month']).describe('In UTC'),
    tiers: z.array(z.object({ upTo: z.int().min(1).optional(), satoshis: z.int().min(0) })),
  }),
  z.object({
    meter: z.object({
      base: z.int().min(0),
      perKilobyte: z.int().min(0).optional(),
      perTransaction: z.int().min(0).optional(),
      perInput: z.int().min(0).optional(),
      perOutput: z.int().min(0).optional(),
      ceiling: z.int().min(1).describe('What it is told to cost; what is left of it goes to the account'),
    }),
  }),
]);
const definition = z.object({
  customers: z.array(z.string()).describe('Organisations, identity keys, or `*`'),
  routes: z.array(z.object({ method: z.string(), path: z.string(), price })),
  allowance: z
    .object({ requests: z.int().min(1), period: z.enum(['day', 'month']), per: z.enum(['organisation', 'address']) })
    .optional(),
  discountPercent: z.int().min(0).max(99).optional(),
  creditLimit: z.int().min(0).optional(),
});
const plan = z.object({
  name: z.string(),
  version: z.int().min(0).describe('0: of the configuration'),
  effectiveFrom: moment,
  definition,
  publishedBy: z.string().nullable(),
  auditLeaf: z.int().min(0).nullable(),
});
const definitionExample = {
  customers: ['*'],
  routes: [{ method: 'POST', path: '/v1/submissions', price: { flat: 200 } }],
};
const planExample = {
  ...{ name: 'standard', version: 3, effectiveFrom: '2027-01-01T00:00:00.000Z', definition: definitionExample },
  ...{ publishedBy: KEY, auditLeaf: 42 },
};

export const accountsPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/accounts/{holder}',
    operationId: 'getAccount',
    tag: 'payments',
    summary: 'How an account stands',
    description: 'For members of its organisation, and for owners and operators of the one that runs this gateway.',
    access: 'brc-103',
    people: true,
    parameters: [holder],
    answers: {
      200: { description: 'Its balance.', contents: [{ mediaType: json, schema: account, example: accountExample }] },
    },
    problems: ['account-not-found'],
  },
  {
    method: 'get',
    path: '/v1/accounts/{holder}/entries',
    operationId: 'listAccountEntries',
    tag: 'payments',
    summary: 'The statement of an account, newest first',
    access: 'brc-103',
    people: true,
    parameters: [
      holder,
      {
        name: 'before',
        in: 'query',
        description: 'Number of an entry: those before it',
        schema: z.int().min(1).optional(),
      },
      { name: 'limit', in: 'query', description: 'At most so many', schema: z.int().min(1).max(1_000).default(100) },
      {
        name: 'format',
        in: 'query',
        description: 'For a spreadsheet: `csv`',
        schema: z.enum(['json', 'csv']).optional(),
      },
    ],
    answers: {
      200: {
        description: 'What changed the balance. `next` is the `before` of the next page.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ entries: z.array(entry), next: z.int().nullable() }),
            example: { entries: [entryExample], next: null },
          },
          { mediaType: 'text/csv' },
        ],
        headers: { link: 'Of CSV: the next page' },
      },
    },
    problems: ['account-not-found', 'query-malformed'],
  },
  {
    method: 'post',
    path: '/v1/accounts/top-ups',
    operationId: 'topUpAccount',
    tag: 'payments',
    summary: 'Pay ahead',
    description: 'Costs what it says. All of the payment goes to the account, first to what is owed.',
    access: 'brc-103',
    body: [{ mediaType: json, schema: z.object({ satoshis: z.int().min(1) }), example: { satoshis: 10_000 } }],
    answers: {
      201: {
        description: 'How the account stands now.',
        contents: [
          { mediaType: json, schema: account.extend({ paid: z.int() }), example: { ...accountExample, paid: 10_000 } },
        ],
      },
    },
    problems: ['payment-required', 'payment-malformed', 'payment-underpaid', 'payment-already-spent'],
  },
  {
    method: 'get',
    path: '/v1/plans',
    operationId: 'listPlans',
    tag: 'payments',
    summary: 'Every version of every plan',
    description: 'For owners and operators of the organisation that runs this gateway.',
    access: 'brc-103',
    people: true,
    answers: {
      200: {
        description: 'The plans of the configuration, and what was published.',
        contents: [{ mediaType: json, schema: z.object({ plans: z.array(plan) }), example: { plans: [planExample] } }],
      },
    },
    problems: ['plan-forbidden'],
  },
  {
    method: 'post',
    path: '/v1/plans',
    operationId: 'publishPlan',
    tag: 'payments',
    summary: 'Publish the next version of a plan',
    description:
      'Takes effect at `from`, or ten seconds from now, when every replica has read it. Terms that are open keep their price.',
    access: 'brc-103',
    people: true,
    body: [
      {
        mediaType: json,
        schema: definition.extend({ name: z.string(), from: moment.optional() }),
        example: { name: 'standard', ...definitionExample, from: '2027-01-01T00:00:00Z' },
      },
    ],
    answers: {
      201: { description: 'It is published.', contents: [{ mediaType: json, schema: plan, example: planExample }] },
    },
    problems: ['plan-forbidden', 'plan-conflict', 'request-malformed'],
  },
];

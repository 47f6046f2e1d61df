import { z } from 'zod';
import type { Operation } from '../operation';

const json = 'application/json';
const satoshis = z.int().min(0);
const TXID = '6dd23e2b5e745a9a026b1ff8d3e59e88fd0f6ba0be6d0e2f5a7c5c1c95a6b30f';
const KEY = '02ab1c4f01b8ea24b0937a0a904ba9deec81a3120b784ed5f0662a2f9a4e2b19cd';

const sum = z.object({ payments: z.int().min(0), satoshis });
const report = z.object({
  organisation: z.string(),
  basket: z.string().describe('Of that organisation: where payments are kept'),
  claimed: sum.describe('All that was ever taken; the others add up to it'),
  held: sum.describe('In the basket'),
  swept: sum.describe('Spent by sweeps'),
  spent: sum.describe('Spent by whoever else has the key'),
  relinquished: sum.describe('Taken out of the basket by a member'),
  retracted: sum.describe('Refused by the network after it was taken'),
  unassigned: sum.describe('Of another operator, or of a time when there was none'),
  accounts: z.object({
    balances: satoshis.describe('Paid ahead and not drawn: owed to customers'),
    credit: satoshis.describe('Drawn on credit: owed by customers'),
    debts: satoshis.describe('Owed for payments that the network refused'),
  }),
});
const sumOf = (payments: number, each: number): z.output<typeof sum> => ({ payments, satoshis: payments * each });
const reportExample = {
  ...{ organisation: 'acme', basket: 'treasury', claimed: sumOf(41, 200), held: sumOf(10, 200), swept: sumOf(30, 200) },
  ...{ spent: sumOf(0, 0), relinquished: sumOf(0, 0), retracted: sumOf(1, 200), unassigned: sumOf(0, 0) },
  accounts: { balances: 8_400, credit: 0, debts: 200 },
};

const toAddress = z.object({ address: z.string().describe('Of the network of this gateway') });
const toWallet = z.object({ identityKey: z.string().describe('Of a BRC-100 wallet, which is paid by BRC-29') });
const sweepBody = z.object({
  to: z.union([toAddress, toWallet]),
  satoshis: z.int().min(1).optional().describe('At least so much, in whole outputs, before the fee; all where absent'),
  outputsMax: z.int().min(1).max(1_000).default(500).describe('At most so many payments, oldest first'),
  satoshisPerKilobyte: z.int().min(1).max(10_000).default(100).describe('Of the fee'),
});
const sweep = z.object({
  id: z.uuid().describe('Of the submission'),
  txid: z.string(),
  outputIndex: z.literal(0),
  satoshis,
  fee: satoshis,
  outputs: z.int().min(1).describe('Payments that were spent'),
  auditLeaf: z.int().min(0),
  to: z.union([
    toAddress,
    toWallet.extend({
      derivationPrefix: z.string(),
      derivationSuffix: z.string(),
      senderIdentityKey: z.string().nullable().describe('Null: the key that paid has ended since'),
    }),
  ]),
  beef: z.base64().nullable().describe('Atomic BEEF, for `internalizeAction`. Null while a proof is missing'),
});

const payment = z.object({
  outpoint: z.string(),
  organisation: z.string().describe('`public`: it came without a session'),
  identityKey: z.string(),
  payer: z.string().nullable().describe('The key that paid, where that is another'),
  method: z.string(),
  path: z.string().describe('The first 200 characters of path and query'),
  price: satoshis,
  satoshis: satoshis.describe('What was paid; above the price it went to the account'),
  planVersion: z.string().nullable(),
  settlement: z.enum(['applied', 'broadcast', 'seen', 'mined', 'final', 'retracted']),
  submission: z.uuid().nullable(),
  auditLeaf: z.int().min(0),
  claimedAt: z.iso.datetime(),
});
const paymentExample = {
  ...{ outpoint: `${TXID}.0`, organisation: 'acme', identityKey: KEY, payer: null, method: 'POST' },
  ...{ path: '/v1/submissions', price: 200, satoshis: 200, planVersion: 'standard@3', settlement: 'mined' },
  ...{ submission: '3f0c9a52-6f0e-4c1a-9a52-1d2e3f405162', auditLeaf: 41, claimedAt: '2026-12-01T12:00:00.000Z' },
};

export const treasuryPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/payments',
    operationId: 'listPayments',
    tag: 'payments',
    summary: 'Payments that were taken, newest first',
    access: 'brc-103',
    people: true,
    parameters: [
      {
        name: 'whose',
        in: 'query',
        description: 'Of the organisation, or for owners and operators of the one that runs this gateway of everybody',
        schema: z.enum(['own', 'all']).default('own'),
      },
      {
        name: 'before',
        in: 'query',
        description: 'Audit leaf of a payment: those before it',
        schema: z.int().min(1).optional(),
      },
      { name: 'limit', in: 'query', description: 'At most so many', schema: z.int().min(1).max(1_000).default(100) },
    ],
    answers: {
      200: {
        description: 'A page. `next` is the `before` of the next one.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ payments: z.array(payment), next: z.int().nullable() }),
            example: { payments: [paymentExample], next: null },
          },
        ],
      },
    },
    problems: ['query-malformed', 'treasury-forbidden'],
  },
  {
    method: 'get',
    path: '/v1/treasury',
    operationId: 'getTreasury',
    tag: 'payments',
    summary: 'What was paid, where it is, and what is owed',
    description:
      'For owners and operators of the organisation that runs this gateway. Reads every payment that was taken.',
    access: 'brc-103',
    people: true,
    answers: {
      200: {
        description: 'The books.',
        contents: [{ mediaType: json, schema: report, example: reportExample }],
      },
    },
    problems: ['treasury-forbidden'],
  },
  {
    method: 'post',
    path: '/v1/treasury/sweeps',
    operationId: 'sweepTreasury',
    tag: 'payments',
    summary: 'Spend what was paid, to an address or a wallet',
    description:
      'For owners and operators of the organisation that runs this gateway, with a key. One transaction with one output, submitted as any other is. With an `Idempotency-Key` the same request is one sweep; without one each is another.',
    access: 'brc-103',
    parameters: [
      {
        name: 'idempotency-key',
        in: 'header',
        description: 'The name of this sweep; signed it is `x-bsv-idempotency-key`',
        schema: z.string().max(255).optional(),
      },
    ],
    body: [{ mediaType: json, schema: sweepBody, example: { to: { identityKey: KEY }, outputsMax: 100 } }],
    answers: {
      201: {
        description: 'It is committed, and on its way to the network.',
        contents: [
          {
            mediaType: json,
            schema: sweep,
            example: {
              ...{ id: '3f0c9a52-6f0e-4c1a-9a52-1d2e3f405162', txid: TXID, outputIndex: 0, satoshis: 19_851, fee: 149 },
              ...{ outputs: 100, auditLeaf: 42, to: { address: '1BoatSLRHtKNngkdXEeobR76b53LETtpyT' }, beef: null },
            },
          },
        ],
      },
    },
    problems: [
      ...(['treasury-forbidden', 'treasury-insufficient', 'stock-insufficient', 'request-malformed'] as const),
      ...(['media-type-unsupported', 'idempotency-key-malformed', 'idempotency-conflict', 'chain-unsettled'] as const),
      ...(['identity-key-required', 'beef-limit-exceeded', 'reservation-ended', 'verification-busy'] as const),
    ],
  },
];

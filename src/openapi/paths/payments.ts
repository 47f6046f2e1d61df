import { z } from 'zod';
import type { Operation } from '../operation';

const json = 'application/json';
const satoshis = z.int().min(0);
const TXID = '6dd23e2b5e745a9a026b1ff8d3e59e88fd0f6ba0be6d0e2f5a7c5c1c95a6b30f';
const KEY = '02ab1c4f01b8ea24b0937a0a904ba9deec81a3120b784ed5f0662a2f9a4e2b19cd';

const answer = z.object({
  state: z
    .enum(['claimed', 'unknown', 'not-seen'])
    .describe('It was taken; it has come and is not judged yet, so nobody should pay again; no payment has come'),
  terms: z.object({
    method: z.string(),
    path: z.string().describe('The first 200 characters of path and query'),
    satoshis,
    planVersion: z.string().nullable().describe('Names the plan, or the price list, that the terms are of'),
    expiresAt: z.iso.datetime(),
  }),
  payment: z
    .object({
      outpoint: z.string(),
      satoshis,
      settlement: z.enum(['applied', 'broadcast', 'seen', 'mined', 'final', 'retracted']),
      claimedAt: z.iso.datetime(),
      submission: z.uuid().nullable().describe('What it paid for, where that is a submission'),
    })
    .optional()
    .describe('Absent while nothing was taken'),
});

const requirements = z.looseObject({
  scheme: z.literal('exact'),
  network: z.string().describe('`bsv:mainnet`, `bsv:testnet` or `bsv:devnet`'),
  amount: z.string().describe('Satoshis'),
  asset: z.literal('BSV'),
  payTo: z.string().describe('An identity key of this gateway'),
  maxTimeoutSeconds: z.int().min(0),
});
const order = z.looseObject({
  x402Version: z.literal(2),
  paymentPayload: z.looseObject({
    x402Version: z.literal(2),
    accepted: requirements,
    payload: z.looseObject({
      transaction: z.string().describe('Atomic BEEF in base64'),
      derivationPrefix: z.string(),
      derivationSuffix: z.string().describe('Base64 of the milliseconds at which it was paid'),
      senderIdentityKey: z.string(),
      outputIndex: z.int().min(0),
    }),
  }),
  paymentRequirements: requirements,
});
const verified = z.object({
  isValid: z.boolean(),
  invalidReason: z.string().optional(),
  payer: z.string().optional(),
});
const settled = z.object({
  success: z.boolean(),
  errorReason: z.string().optional(),
  payer: z.string().optional(),
  transaction: z.string().describe('Empty where nothing was settled'),
  network: z.string(),
});

export const paymentsPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/payments/{reference}',
    operationId: 'getPayment',
    tag: 'payments',
    summary: 'What became of a payment',
    description:
      'For whoever was given the terms or paid, also without a session at the time. That of another is not found.',
    access: 'brc-103',
    parameters: [
      {
        name: 'reference',
        in: 'path',
        description: 'The derivation prefix of the terms, or the outpoint (`txid.vout`) that pays',
        schema: z.string().max(256),
      },
    ],
    answers: {
      200: {
        description: 'Where it stands.',
        contents: [
          {
            mediaType: json,
            schema: answer,
            example: {
              state: 'not-seen',
              terms: {
                method: 'POST',
                path: '/v1/submissions',
                satoshis: 200,
                planVersion: 'prices@4355a46b19d3',
                expiresAt: '2026-12-01T12:00:00.000Z',
              },
            },
          },
        ],
      },
    },
    problems: ['payment-not-found'],
  },
  {
    method: 'get',
    path: '/x402/supported',
    operationId: 'listPaymentKinds',
    tag: 'payments',
    summary: 'What the facilitator of x402 settles',
    access: 'open',
    answers: {
      200: {
        description: 'Nothing where x402 is not offered.',
        contents: [
          {
            mediaType: json,
            schema: z.object({
              kinds: z.array(z.object({ x402Version: z.literal(2), scheme: z.literal('exact'), network: z.string() })),
              extensions: z.array(z.string()),
              signers: z.record(z.string(), z.array(z.string())),
            }),
            example: {
              kinds: [{ x402Version: 2, scheme: 'exact', network: 'bsv:mainnet' }],
              extensions: [],
              signers: { 'bsv:*': [KEY] },
            },
          },
        ],
      },
    },
    problems: [],
  },
  {
    method: 'post',
    path: '/x402/verify',
    operationId: 'verifyPayment',
    tag: 'payments',
    summary: 'Whether a payment to this gateway is good (x402 v2)',
    description: `For the servers of the operator, which sell for the gateway's key. Nothing is taken, and what is said holds for the moment.`,
    access: 'facilitator-token',
    body: [{ mediaType: json, schema: order }],
    answers: {
      200: {
        description: 'Good, or why not.',
        contents: [{ mediaType: json, schema: verified, example: { isValid: true, payer: KEY } }],
      },
    },
    problems: ['facilitator-unauthorised', 'payment-unknown', 'database-unavailable'],
  },
  {
    method: 'post',
    path: '/x402/settle',
    operationId: 'settlePayment',
    tag: 'payments',
    summary: 'Take a payment to this gateway (x402 v2)',
    description: `Once: the second time, and for what was taken on any route here, it is \`duplicate_settlement\`. A 503 is no refusal: ask again.`,
    access: 'facilitator-token',
    body: [{ mediaType: json, schema: order }],
    answers: {
      200: {
        description: 'Taken, or why not.',
        contents: [
          {
            mediaType: json,
            schema: settled,
            example: { success: true, payer: KEY, transaction: TXID, network: 'bsv:mainnet' },
          },
        ],
      },
    },
    problems: ['facilitator-unauthorised', 'payment-unknown', 'database-unavailable'],
  },
];

import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Operation, Parameter } from '../operation';
import { verificationProblems } from '../problems';
import { EXAMPLE_KEY, EXAMPLE_TXID, outpoint, publicKey } from './schemas';
import { receipt, receiptExample } from './submissions';

const json = 'application/json';
const EXAMPLE_ID = '9d2f6a4c-51a7-8f3b-9c0e-2f1d4b7a6e55';
const basket = z.string().max(limits.BASKET_NAME_BYTES_MAX);
const topic = z.string().regex(/^tm_[a-z_]+$/u);
const satoshis = z.int().min(1);
const script = z.string().describe('Hex');
const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/u)
  .describe('SHA-256 of the terms: what a buyer agrees to');
const expiresAt = z.iso.datetime({ offset: true });

const offerBody = z.strictObject({
  asset: z
    .strictObject({ outpoint, basket, topic: topic.optional().describe('The topic that judges its move') })
    .describe('An output in a basket of your organisation'),
  price: z
    .strictObject({
      satoshis,
      lockingScript: script,
      basket: basket.describe('Where the payment is kept, in your organisation'),
    })
    .describe('Paid by one output, to the satoshi and to the script'),
  buyerKey: publicKey.optional().describe('The only identity that may take it, or even see it; absent: anybody'),
  expiresAt,
});
const offer = z.object({
  id: z.uuid(),
  state: z.enum(['open', 'taken', 'withdrawn', 'expired']),
  organisation: z.string().describe("The seller's"),
  sellerKey: publicKey,
  buyerKey: publicKey.nullable(),
  asset: z.object({ outpoint, basket, satoshis: z.int().min(0), topic: topic.nullable() }),
  price: z.object({ satoshis, lockingScript: script, basket }),
  expiresAt: z.iso.datetime(),
  termsDigest: digest,
});
const example = {
  id: EXAMPLE_ID,
  state: 'open',
  organisation: 'supplier',
  sellerKey: EXAMPLE_KEY,
  buyerKey: null,
  asset: { outpoint: `${EXAMPLE_TXID}.0`, basket: 'goods', satoshis: 1, topic: null },
  price: { satoshis: 5_000, lockingScript: '76a914…88ac', basket: 'takings' },
  expiresAt: '2026-11-22T09:00:00.000Z',
  termsDigest: 'c0'.repeat(32),
};
const acceptanceBody = z.strictObject({
  beef: z.string().describe('The signed exchange: BEEF V1, V2 or Atomic, in base64 or hex'),
  assetVout: z.int().min(0).describe('The output that hands the asset on'),
  basket: basket.describe('Where you keep the asset'),
  tags: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  customInstructions: z.string().optional(),
  labels: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  termsDigest: digest,
  topics: z.array(topic).optional().describe('Beside the one that the offer names'),
});

const id: Parameter = { name: 'id', in: 'path', description: 'Id of the offer', schema: z.uuid() };
const key: Parameter = {
  name: 'idempotency-key',
  in: 'header',
  description: 'Your own name for this request',
  schema: z.string(),
};
const ask = (name: string, description: string, schema: z.ZodType): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});
const offered = { description: 'The offer.', contents: [{ mediaType: json, schema: offer, example }] };

export const offersPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/offers',
    operationId: 'postOffer',
    tag: 'offers',
    summary: 'Offer an output for a price',
    description: `The same request again finds the same offer. Many offers of one output may stand: the first that is taken ends the others. Nothing is reserved by it; when the
asset leaves its basket the offer is over.`,
    access: 'brc-103',
    parameters: [key],
    body: [
      {
        mediaType: json,
        schema: offerBody,
        example: {
          asset: { outpoint: `${EXAMPLE_TXID}.0`, basket: 'goods' },
          price: { satoshis: 5_000, lockingScript: '76a914…88ac', basket: 'takings' },
          expiresAt: '2026-11-22T09:00:00Z',
        },
      },
    ],
    answers: { 201: { ...offered, headers: { location: 'Where the offer is found' } } },
    problems: [
      'media-type-unsupported',
      'query-malformed',
      'basket-name-invalid',
      'basket-output-absent',
      'output-reserved',
      'topic-unknown',
      'idempotency-key-malformed',
      'idempotency-conflict',
    ],
  },
  {
    method: 'get',
    path: '/v1/offers',
    operationId: 'listOffers',
    tag: 'offers',
    summary: 'Offers of your organisation, to you, or to anybody; newest first',
    access: 'brc-103',
    people: true,
    parameters: [
      ask('whose', '`ours` unless said', z.enum(['ours', 'to-me', 'to-all'])),
      ask('limit', 'Offers of this page', z.int().min(1).max(limits.OFFERS_MAX)),
      ask('before', '`next` of the page before', z.string()),
    ],
    answers: {
      200: {
        description: 'The offers.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ offers: z.array(offer), next: z.string().nullable() }),
            example: { offers: [example], next: null },
          },
        ],
      },
    },
    problems: ['query-malformed'],
  },
  {
    method: 'get',
    path: '/v1/offers/{id}',
    operationId: 'findOffer',
    tag: 'offers',
    summary: 'An offer as it stands now',
    description: 'One that is made to somebody else does not exist for you.',
    access: 'brc-103',
    people: true,
    parameters: [id],
    answers: { 200: offered },
    problems: ['offer-unknown'],
  },
  {
    method: 'delete',
    path: '/v1/offers/{id}',
    operationId: 'withdrawOffer',
    tag: 'offers',
    summary: 'Withdraw an offer of your organisation',
    access: 'brc-103',
    parameters: [id],
    answers: { 200: offered },
    problems: ['offer-unknown', 'offer-ended'],
  },
  {
    method: 'post',
    path: '/v1/offers/{id}/acceptances',
    operationId: 'acceptOffer',
    tag: 'offers',
    summary: 'Take an offer: asset and payment change sides in one COMMIT',
    description: `The transaction spends the asset, hands it on in output \`assetVout\` and pays the price in another. It is verified, held against the terms whose digest you
agree to, judged by the topic of the asset, and applied: the asset enters your basket, the payment the seller's. An offer that is over, or other terms than you agreed to, is
refused and nothing changes.`,
    access: 'brc-103',
    parameters: [id, key],
    body: [
      {
        mediaType: json,
        schema: acceptanceBody,
        example: { beef: 'AQEBAf…', assetVout: 0, basket: 'goods', termsDigest: 'c0'.repeat(32) },
      },
    ],
    answers: {
      201: {
        description: 'Applied: the receipt.',
        contents: [{ mediaType: json, schema: receipt, example: { ...receiptExample, payment: null } }],
        headers: { location: 'Where the submission is found' },
      },
    },
    problems: [
      ...verificationProblems,
      'media-type-unsupported',
      'offer-unknown',
      'offer-ended',
      'offer-altered',
      'offer-unfulfilled',
      'topic-unknown',
      'topic-refused',
      'proposal-required',
      'topic-failed',
      'topic-unavailable',
      'basket-name-invalid',
      'basket-output-invalid',
      'tag-invalid',
      'output-reserved',
      'outpoint-spent',
      'parent-retracted',
      'coins-changed',
      'already-applied',
      'idempotency-key-malformed',
      'idempotency-conflict',
      'chain-unsettled',
      'verification-busy',
    ],
  },
];

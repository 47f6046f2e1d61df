import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Answer, Operation, Parameter } from '../operation';
import { basketOutput, basketOutputExample } from './baskets';

const json = 'application/json';
const EXAMPLE_ID = '3b241101-e2bb-4255-8caf-4136c566a962';
const amount = z.int().min(1);
export const ttlSeconds = amount.optional().describe('300 unless said; at most what this gateway holds anything for');

const reservationBody = z.strictObject({
  basket: z.string().max(limits.BASKET_NAME_BYTES_MAX),
  tags: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  tagQueryMode: z.enum(['any', 'all']).optional(),
  outputs: amount.max(limits.RESERVATION_OUTPUTS_MAX).optional().describe('So many outputs; or'),
  satoshis: amount.optional().describe('outputs of at least so many satoshis; or'),
  quantity: amount.optional().describe('outputs that stand for at least so many units'),
  ttlSeconds,
});
const reservation = z.object({
  id: z.uuid(),
  state: z.enum(['held', 'expired', 'released', 'consumed']),
  basket: z.string(),
  expiresAt: z.iso.datetime(),
  outputs: z.array(basketOutput),
  inputBEEF: z
    .base64()
    .nullable()
    .optional()
    .describe(
      'One BEEF V2 of all outputs, for `createAction`; null once they are not held, absent where a hold only changes',
    ),
});
const example = {
  id: EXAMPLE_ID,
  state: 'held',
  basket: 'goods',
  expiresAt: '2026-11-21T09:05:00.000Z',
  outputs: [{ ...basketOutputExample, tags: ['blue'], labels: [], spendable: false }],
  inputBEEF: 'AgC+7w==',
};

const answer = (description: string): Answer => ({
  description,
  contents: [{ mediaType: json, schema: reservation, example }],
});
export const reservedAnswer: Answer = {
  ...answer('Held: nobody else gets these outputs until it is consumed, released or expired.'),
  headers: { location: 'Where the reservation is found' },
};
const id: Parameter = { name: 'id', in: 'path', description: 'Id of the reservation', schema: z.uuid() };
export const reservationKey: Parameter = {
  name: 'idempotency-key',
  in: 'header',
  description: 'Your own name for this request: while it is held, the same request finds it again',
  schema: z.string(),
};

export const reservationsPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/baskets/reservations',
    operationId: 'reserve',
    tag: 'reservations',
    summary: 'Hold outputs of a basket for one transaction',
    description: `Exactly one of \`outputs\`, \`satoshis\` and \`quantity\` says how much. What is held is nobody else's on any replica, until a submission names it as
its \`reservation\`, it is released, or it expires. Nothing is waited for: where too little is free it is refused at once. Oldest outputs first, who asks first is served
first.`,
    access: 'brc-103',
    parameters: [reservationKey],
    body: [{ mediaType: json, schema: reservationBody, example: { basket: 'goods', quantity: 3, ttlSeconds: 60 } }],
    answers: { 201: reservedAnswer },
    problems: [
      'media-type-unsupported',
      'basket-name-invalid',
      'tag-invalid',
      'stock-insufficient',
      'idempotency-key-malformed',
      'idempotency-conflict',
      'beef-limit-exceeded',
      'chain-unsettled',
    ],
  },
  {
    method: 'get',
    path: '/v1/baskets/reservations/{id}',
    operationId: 'findReservation',
    tag: 'reservations',
    summary: 'A reservation of your organisation, as it stands now',
    access: 'brc-103',
    people: true,
    parameters: [id],
    answers: { 200: answer('The reservation.') },
    problems: ['reservation-unknown', 'beef-limit-exceeded', 'chain-unsettled'],
  },
  {
    method: 'post',
    path: '/v1/baskets/reservations/{id}/renew',
    operationId: 'renewReservation',
    tag: 'reservations',
    summary: 'Hold it longer, from now on',
    access: 'brc-103',
    parameters: [id],
    body: [{ mediaType: json, schema: z.strictObject({ ttlSeconds }), example: { ttlSeconds: 60 } }],
    answers: { 200: answer('The reservation with its new end.') },
    problems: ['media-type-unsupported', 'reservation-unknown', 'reservation-ended'],
  },
  {
    method: 'delete',
    path: '/v1/baskets/reservations/{id}',
    operationId: 'releaseReservation',
    tag: 'reservations',
    summary: 'Hold it no longer',
    access: 'brc-103',
    people: true,
    parameters: [id],
    answers: { 200: answer('The reservation as it ended.') },
    problems: ['reservation-unknown'],
  },
];

import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Operation, Parameter } from '../operation';
import { reservationKey, reservedAnswer, ttlSeconds } from './reservations';

const json = 'application/json';
const count = z.int().min(0);
const stock = z.object({
  product: z.string(),
  onHand: count,
  reserved: count.describe('Of what is on hand'),
  available: count.describe('On hand and not reserved'),
});
const example = { product: 'goods', onHand: 120, reserved: 5, available: 115 };
const product: Parameter = {
  name: 'product',
  in: 'path',
  description: 'The basket that holds the product',
  schema: z.string().max(limits.BASKET_NAME_BYTES_MAX),
};

export const inventoryPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/inventory',
    operationId: 'listStock',
    tag: 'inventory',
    summary: 'Stock of every product of your organisation',
    description: 'A product is a basket; each of its outputs stands for a `quantity` of units.',
    access: 'brc-103',
    people: true,
    answers: {
      200: {
        description: 'The products, by name.',
        contents: [
          { mediaType: json, schema: z.object({ products: z.array(stock) }), example: { products: [example] } },
        ],
      },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/v1/inventory/{product}',
    operationId: 'findStock',
    tag: 'inventory',
    summary: 'Stock of one product',
    access: 'brc-103',
    people: true,
    parameters: [product],
    answers: {
      200: {
        description: 'The stock; zeros where there is none.',
        contents: [{ mediaType: json, schema: stock, example }],
      },
    },
    problems: ['basket-name-invalid'],
  },
  {
    method: 'post',
    path: '/v1/inventory/{product}/reservations',
    operationId: 'reserveStock',
    tag: 'inventory',
    summary: 'Hold units of a product',
    description:
      'A reservation like any other: found, renewed and released where those of baskets are, and consumed by the submission that names it.',
    access: 'brc-103',
    parameters: [product, reservationKey],
    body: [
      {
        mediaType: json,
        schema: z.strictObject({ quantity: z.int().min(1), ttlSeconds }),
        example: { quantity: 3, ttlSeconds: 60 },
      },
    ],
    answers: { 201: reservedAnswer },
    problems: [
      'media-type-unsupported',
      'basket-name-invalid',
      'stock-insufficient',
      'idempotency-key-malformed',
      'idempotency-conflict',
      'beef-limit-exceeded',
      'chain-unsettled',
    ],
  },
];

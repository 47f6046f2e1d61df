import type { FastifyRequest } from 'fastify';
import {
  type PaymentMessage,
  type Result,
  accept,
  findSingleHeader,
  readPayment,
  readPaymentParts,
  reject,
} from '#atomic-core';
import { bodyOf, mediaTypeOf } from '../ingress';
import { findStrangerHeader } from './stranger-headers';

/** What came in place of the header `x-bsv-payment`. */
const payments = new WeakMap<FastifyRequest, string>();

/**
 * BRC-118: takes the payment out of a multipart body, so that everything behind reads the request as it would have come with a header: its own body, its own
 * media type. MUST run after the signature over the whole body was verified, and before anything asks what the request means.
 */
export function unwrapMultipart(request: FastifyRequest): Result<undefined> {
  if (mediaTypeOf(request) !== 'multipart/form-data') return accept(undefined);
  if (findSingleHeader(request.raw.rawHeaders, 'x-bsv-payment') !== undefined)
    return reject('payment-dialect-refused', 'The payment comes in a header and in the body.');
  const parts = readPaymentParts(request.headers['content-type'] ?? '', bodyOf(request));
  if (!parts.ok) return parts;
  const { payment, body, contentType } = parts.value;
  payments.set(request, payment);
  request.body = body;
  if (contentType === undefined) delete request.headers['content-type'];
  else request.headers['content-type'] = contentType;
  return accept(undefined);
}

/** The payment of one who has a session (BRC-105); undefined where none came. In the way of those who have none it would be passed over, and asked for again. */
export function readSessionPayment(request: FastifyRequest): Result<PaymentMessage | undefined> {
  const foreign = findStrangerHeader(request);
  if (foreign !== undefined)
    return reject('payment-dialect-refused', `With a session a payment is x-bsv-payment (BRC-105), not ${foreign}.`);
  const header = payments.get(request) ?? findSingleHeader(request.raw.rawHeaders, 'x-bsv-payment');
  if (header === null) return reject('header-duplicated');
  return header === undefined ? accept(undefined) : readPayment(header);
}

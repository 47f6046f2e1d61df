import type { FastifyRequest } from 'fastify';
import {
  type Result,
  type ShownPayment,
  type StrangerDialect,
  accept,
  findSingleHeader,
  openX402Header,
  readSimplePayment,
  readX402Payment,
  reject,
} from '#atomic-core';

const BEEF = 'x-bsv-beef';
const SIGNATURE = 'payment-signature';

/** A payment of one who has no session, and what it was taken for where the dialect says that. */
export interface StrangerPayment {
  readonly shown: ShownPayment;
  /** The key and network that an x402 payer was told. */
  readonly accepted?: { readonly payTo: string; readonly network: string };
}

/** The header that carries such a payment, whatever is in it. */
export const findStrangerHeader = ({ headers }: FastifyRequest): string | undefined =>
  [BEEF, SIGNATURE].find((name) => headers[name] !== undefined);

/** Undefined where no payment came. Of BRC-121 the BEEF is the payment: where it is missing there is nothing that could be lost. */
export function readStrangerPayment(
  request: FastifyRequest,
  dialects: readonly StrangerDialect[],
): Result<StrangerPayment | undefined> {
  const { rawHeaders } = request.raw;
  const [beef, signature, session] = [BEEF, SIGNATURE, 'x-bsv-payment'].map((name) =>
    findSingleHeader(rawHeaders, name),
  );
  if (beef === null || signature === null || session === null) return reject('header-duplicated');
  if (session !== undefined)
    return reject('payment-dialect-refused', 'x-bsv-payment (BRC-105) is for those who have a session (BRC-104).');
  if (beef === undefined && signature === undefined) return accept(undefined);
  if (beef !== undefined && signature !== undefined)
    return reject('payment-dialect-refused', 'Two payments came at once.');
  const dialect = beef === undefined ? 'x402' : 'brc-121';
  if (!dialects.includes(dialect)) return reject('payment-dialect-refused', `${dialect} is not offered here.`);
  if (beef === undefined) {
    const payment = readX402Payment(openX402Header(signature ?? ''));
    return payment.ok ? accept({ shown: payment.value.shown, accepted: payment.value.accepted }) : payment;
  }
  const named = (name: string): string | undefined => findSingleHeader(rawHeaders, `x-bsv-${name}`) ?? undefined;
  const shown = readSimplePayment({
    ...{ beef, sender: named('sender'), nonce: named('nonce'), time: named('time'), vout: named('vout') },
  });
  return shown.ok ? accept({ shown: shown.value }) : shown;
}

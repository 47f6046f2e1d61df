import type { FastifyReply, FastifyRequest } from 'fastify';
import { type GatewayKeys, type Rejection, readOutpoint } from '#atomic-core';
import type { Quote } from '#ledger';
import type { Config } from '../config';
import { RejectionError } from '../ingress';
import type { FundsTicket } from './payment-judge.service';
import { type X402Place, writePaymentRequired, writeSettled } from './x402-messages';

const PAYMENT_VERSION = '1.0';
const BODYLESS = new Set(['GET', 'HEAD']);

/** Says after a success what was taken. */
export const SATOSHIS_PAID_HEADER = 'x-bsv-payment-satoshis-paid';

export interface SessionOffer {
  readonly keys: GatewayKeys;
  readonly dialects: Config['paymentDialects'];
}

/** A 402 with the terms of an open quote (BRC-105). Only an open quote is ever put into a 402: `AuthFetch` pays whatever bill it is shown. */
export const writeTerms = (rejection: Rejection, quote: Quote, { keys, dialects }: SessionOffer): RejectionError =>
  new RejectionError(rejection, {
    headers: {
      'x-bsv-payment-version': PAYMENT_VERSION,
      'x-bsv-payment-satoshis-required': String(quote.satoshis),
      'x-bsv-payment-derivation-prefix': quote.prefix,
      // A request without a body has none to put it in.
      'x-bsv-payment-transports':
        dialects.includes('brc-118') && !BODYLESS.has(quote.method) ? 'header,multipart' : 'header',
      'x-bsv-auth-identity-key': keys.identityKey,
    },
  });

/** The same for those who have no session, in every dialect that is offered: the payer reads the one that it knows. */
export const writeStrangerTerms = (
  rejection: Rejection,
  satoshis: number,
  { dialects, ...place }: X402Place & Pick<SessionOffer, 'dialects'>,
): RejectionError =>
  new RejectionError(rejection, {
    headers: {
      ...(dialects.includes('brc-121') && { 'x-bsv-sats': String(satoshis), 'x-bsv-server': place.payTo }),
      ...(dialects.includes('x402') && { 'payment-required': writePaymentRequired(rejection, satoshis, place) }),
    },
  });

export const urlOf = (request: FastifyRequest, publicUrl: string | undefined): string =>
  `${publicUrl ?? `${request.protocol}://${request.host}`}${request.url}`;

/** After the payment was taken: what, and in the words of the payer's dialect. */
export const writePaid = (reply: FastifyReply, ticket: FundsTicket, network: Config['network']): void => {
  void reply.header(SATOSHIS_PAID_HEADER, String(ticket.satoshis));
  if (ticket.kind === 'draw') return;
  const { outpoint, stranger } = ticket;
  if (stranger?.dialect !== 'x402') return;
  void reply.header(
    'payment-response',
    writeSettled({ payer: stranger.payer, txid: readOutpoint(outpoint).txid, network }),
  );
};

import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  type Charge,
  type CheckedPayment,
  type Rejection,
  type Result,
  type Satoshis,
  type StrangerDialect,
  type Transaction,
  accept,
  makeOutpoint,
  printOutpoint,
  reject,
  txidFromWire,
} from '#atomic-core';
import { findOrCreateQuote, findQuote, findStrangerPrice, openShownTerms, prefixOfShown } from '#ledger';
import { CONFIG, type Config } from '../config';
import { NOBODY, OrganisationDirectory, PUBLIC } from '../identity';
import { RejectionError } from '../ingress';
import { KeyRing } from '../keys';
import { digestRequest } from './digest-request';
import { PaymentJudge, type PaymentTicket } from './payment-judge.service';
import { urlOf, writeStrangerTerms } from './payment-terms';
import { keepUnknown } from './payment-unknown';
import { QUOTE_PATH_CHARACTERS_MAX, QUOTE_RANDOM_BYTES } from './quote-limits';
import { type StrangerPayment, readStrangerPayment } from './stranger-headers';
import { X402_TIMEOUT_SECONDS, networkNameOf, writeUnsettled } from './x402-messages';

/** BRC-121: a payment counts for so long before and after the moment that it names, by the clock of the database. */
const WINDOW_MS = 30_000;
/** x402: and for as long as the answer may take. */
const LIFE_MS: Readonly<Record<StrangerDialect, number>> = {
  'brc-121': WINDOW_MS,
  x402: WINDOW_MS + X402_TIMEOUT_SECONDS * 1_000,
};
/** Who was told a price in the last moment of its terms has this long to come with it. */
const PRICE_GRACE_MS = LIFE_MS.x402;

/** What a payment is shown for: a request of ours, or what a server of the operator sells. */
export interface Purchase {
  readonly requestDigest: Buffer;
  readonly method: string;
  readonly path: string;
  readonly charge: Charge;
}

/**
 * Payments of those who have no session (BRC-121, x402). The payment names its own derivation; the key that it is derived with is whose money it is and nobody's
 * name, so who pays is served as any stranger. It is bound to the request that it comes with by the claim of its output.
 */
@Injectable()
export class StrangerPayments {
  private readonly dialects: readonly StrangerDialect[];

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PaymentJudge) private readonly judge: PaymentJudge,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
  ) {
    this.dialects = config.paymentDialects.filter((dialect) => dialect !== 'brc-118');
  }

  /** As `PaymentGate.admit`, which asks this for those who have no session. */
  async admit(request: FastifyRequest, charge: Charge): Promise<Result<PaymentTicket>> {
    const price = charge.satoshis;
    const read = readStrangerPayment(request, this.dialects);
    if (!read.ok) return read;
    if (read.value === undefined) return this.askToPay(request, charge);
    const payment = read.value;
    const purchase = {
      requestDigest: digestRequest(request),
      method: request.method,
      path: request.url.slice(0, QUOTE_PATH_CHARACTERS_MAX),
      charge,
    };
    const ticket = await this.judgeShown(payment, purchase);
    if (!ticket.ok) throw await this.refuse(request, ticket.rejection, { payment, price });
    return ticket;
  }

  /** Everything that can be found out before it is taken; and its terms, which the claim needs. */
  judgeShown(payment: StrangerPayment, purchase: Purchase): Promise<Result<PaymentTicket>> {
    return keepUnknown(printOutpoint(outpointOf(payment)), () => this.judgeKnown(payment, purchase));
  }

  private async judgeKnown(payment: StrangerPayment, purchase: Purchase): Promise<Result<PaymentTicket>> {
    const { shown, accepted } = payment;
    if (accepted !== undefined && accepted.network !== networkNameOf(this.config.network))
      return reject('payment-malformed', `The network is not ${networkNameOf(this.config.network)}.`);
    if (accepted !== undefined && this.ring.find(accepted.payTo) === undefined) return reject('payment-wrong-key');
    const price = await this.findPrice(payment, purchase);
    if (!price.ok) return price;
    const proven = await this.judge.judge(shown.transaction, (subject) => this.check(payment, price.value, subject));
    if (!proven.ok) return proven;
    const { outpoint } = proven.value;
    const terms = await openShownTerms(this.database, {
      ...{ outpoint, organisation: PUBLIC, identityKey: NOBODY, payer: shown.payer, planVersion: purchase.charge.plan },
      ...{ requestDigest: purchase.requestDigest, method: purchase.method, path: purchase.path },
      ...{ satoshis: price.value, atMs: shown.atMs, lifeMs: LIFE_MS[shown.dialect], aheadMs: WINDOW_MS },
    });
    if (terms === undefined)
      return reject('payment-quote-expired', `The payment is not from within ${WINDOW_MS / 1_000} seconds of now.`);
    const { dialect, payer } = shown;
    return accept({
      ...{
        kind: 'payment',
        ...proven.value,
        prefix: terms.prefix,
        stranger: { dialect, payer, holder: this.organisations.organisationOf(payer) },
      },
      charge: purchase.charge,
    });
  }

  /** What was taken already is judged by what it cost then; anything else by the least that this request was offered for. */
  private async findPrice(payment: StrangerPayment, purchase: Purchase): Promise<Result<Satoshis>> {
    const known = await findQuote(this.database, prefixOfShown(outpointOf(payment)));
    if (known?.claimed === true) {
      return known.requestDigest.equals(purchase.requestDigest)
        ? accept(known.satoshis)
        : reject('payment-already-spent', printOutpoint(outpointOf(payment)));
    }
    const offered = await findStrangerPrice(this.database, purchase.requestDigest, PRICE_GRACE_MS);
    return accept(Math.min(offered ?? purchase.charge.satoshis, purchase.charge.satoshis));
  }

  private check({ shown }: StrangerPayment, price: Satoshis, subject: Transaction): Result<CheckedPayment> {
    const { derivationPrefix, derivationSuffix, payer, vout, exactSatoshis } = shown;
    if (exactSatoshis !== undefined && exactSatoshis < price)
      return reject('payment-underpaid', `The price is ${price} satoshis; the payment says ${exactSatoshis}.`);
    const isExact = exactSatoshis !== undefined;
    const terms = { derivationPrefix, payer, vout, isExact, satoshis: exactSatoshis ?? price };
    return this.judge.check(terms, derivationSuffix, subject);
  }

  /** Terms of nobody, the same for all who ask this while they are open: what a stranger was told once is not dearer when it comes with the money. */
  private async askToPay(request: FastifyRequest, { satoshis: price, plan }: Charge): Promise<never> {
    const { satoshis } = await findOrCreateQuote(this.database, {
      ...{ organisation: PUBLIC, identityKey: NOBODY, planVersion: plan },
      prefix: this.ring.current.makeQuoteNonce(randomBytes(QUOTE_RANDOM_BYTES)),
      requestDigest: digestRequest(request),
      method: request.method,
      path: request.url.slice(0, QUOTE_PATH_CHARACTERS_MAX),
      satoshis: price,
      ttlMs: this.config.quoteTtlMs,
    });
    throw this.writeTerms(request, 'payment-required', satoshis);
  }

  private writeTerms(
    request: FastifyRequest,
    code: 'payment-required' | 'payment-underpaid',
    satoshis: Satoshis,
  ): RejectionError {
    const { network, publicUrl, paymentDialects: dialects } = this.config;
    const place = { payTo: this.ring.current.identityKey, network, url: urlOf(request, publicUrl) };
    return writeStrangerTerms({ code, detail: `This request costs ${satoshis} satoshis.` }, satoshis, {
      ...place,
      dialects,
    });
  }

  /** A 402 only where it pays too little, with the terms that it should have met; the x402 client is told in its own words beside. */
  private async refuse(
    request: FastifyRequest,
    rejection: Rejection,
    { payment, price }: { readonly payment: StrangerPayment; readonly price: Satoshis },
  ): Promise<RejectionError> {
    const { dialect, payer } = payment.shown;
    const response: Record<string, string> =
      dialect === 'x402' ? { 'payment-response': writeUnsettled(rejection.code, this.config.network, payer) } : {};
    if (rejection.code !== 'payment-underpaid') return new RejectionError(rejection, { headers: response });
    const offered = await findStrangerPrice(this.database, digestRequest(request), 0);
    const { headers } = this.writeTerms(request, 'payment-underpaid', offered ?? price);
    return new RejectionError(rejection, { headers: { ...headers, ...response } });
  }
}

/** Of the subject that an Atomic BEEF names in its head, before anybody has read it. */
const outpointOf = ({ shown }: StrangerPayment): ReturnType<typeof makeOutpoint> =>
  makeOutpoint(txidFromWire(shown.transaction.subarray(4, 36)), shown.vout);

import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  type Charge,
  type GatewayKeys,
  type PaymentMessage,
  type Rejection,
  type Result,
  accept,
  reject,
  sha256,
} from '#atomic-core';
import {
  type Quote,
  type SeenPayment,
  findHeldPayment,
  findOrCreateQuote,
  forgetPayment,
  holdPayment,
  readAccount,
  seePayment,
} from '#ledger';
import { CONFIG, type Config } from '../config';
import { callerOf, keyHolderOf } from '../identity';
import { RejectionError, beforeAnswer } from '../ingress';
import { KeyRing } from '../keys';
import { Charges, type PricedCharge, type RouteName } from './charges.service';
import { digestRequest } from './digest-request';
import { type DrawTicket, type FundsTicket, PaymentJudge, type PaymentTicket } from './payment-judge.service';
import { writeTerms } from './payment-terms';
import { keepUnknown, unknownPayment } from './payment-unknown';
import { QUOTE_PATH_CHARACTERS_MAX, QUOTE_RANDOM_BYTES } from './quote-limits';
import { readSessionPayment } from './read-session-payment';
import { StrangerPayments } from './stranger-payments.service';

/** What it costs. Never takes money and never says 402 for a fault of ours: a 402 makes `AuthFetch` pay (PROTOCOLS C3). */
@Injectable()
export class PaymentGate {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PaymentJudge) private readonly judge: PaymentJudge,
    @Inject(StrangerPayments) private readonly strangers: StrangerPayments,
    @Inject(Charges) private readonly charges: Charges,
  ) {}

  /**
   * Undefined where the route is free. A refusal that carries terms is thrown as a RejectionError, since its headers are part of the answer; any
   * other is returned. `quantity` is how many times the price is asked: a batch costs it for each of its lines. `like`: what the route costs that has no price.
   */
  async admit(request: FastifyRequest, quantity = 1, like?: RouteName): Promise<Result<FundsTicket | undefined>> {
    const priced = await this.charges.find(request, quantity, like);
    if (priced === undefined) return accept(undefined);
    const { charge } = priced;
    if (request.caller === undefined && request.isAnonymous) {
      return charge.satoshis === 0 ? accept(drawOf(charge)) : this.strangers.admit(request, charge);
    }
    return this.admitTo(request, priced);
  }

  /** Terms for what no plan prices: how much its caller says itself. */
  async admitTo(request: FastifyRequest, priced: PricedCharge): Promise<Result<FundsTicket>> {
    // Terms are given to a key, and paid by it.
    keyHolderOf(request);
    const message = readSessionPayment(request);
    if (!message.ok) return message;
    const payment = message.value;
    const { charge } = priced;
    if (payment !== undefined)
      return keepUnknown(payment.derivationPrefix, () => this.judgePayment(request, payment, withoutGrants(charge)));
    return (await this.draw(request, priced)) ?? this.askToPay(request, charge);
  }

  /** For who answers well and takes nothing: the payment is its payer's again, and the next request is told what it costs. */
  async release(ticket: FundsTicket): Promise<void> {
    if (ticket.kind !== 'payment' || ticket.mark === undefined) return;
    await forgetPayment(this.database, { prefix: ticket.prefix, mark: ticket.mark });
  }

  /** Undefined where the account does not reach. Who owes is asked for that first, and is given nothing until then. */
  private async draw(request: FastifyRequest, priced: PricedCharge): Promise<Result<DrawTicket> | undefined> {
    const { charge, isPaidAhead = false } = priced;
    if (isPaidAhead) return undefined;
    const { organisation, identityKey } = callerOf(request);
    const asked = { identityKey, requestDigest: digestRequest(request) };
    const standing = priced.standing ?? (await readAccount(this.database, organisation, [], asked));
    const { balance, debt, isPaymentSeen } = standing;
    if (debt > 0)
      return reject('payment-debt-open', `${debt} satoshis are owed; POST /v1/accounts/top-ups takes them.`);
    // It may be good: then it pays, and nothing is drawn beside it.
    if (isPaymentSeen) return undefined;
    const reaches = charge.satoshis === 0 || balance - charge.satoshis >= -charge.creditLimit;
    return reaches ? accept(drawOf(charge)) : undefined;
  }

  private async judgePayment(
    request: FastifyRequest,
    { derivationPrefix: prefix, derivationSuffix, transaction }: PaymentMessage,
    charge: Charge,
  ): Promise<Result<PaymentTicket>> {
    if (!this.ring.isQuoteNonce(prefix)) return reject('payment-quote-unknown');
    const { identityKey } = callerOf(request);
    const seen = { prefix, identityKey, requestDigest: digestRequest(request), mark: sha256(transaction) };
    const quote = this.readTerms(request, await seePayment(this.database, seen));
    if (!quote.ok) return quote;
    const terms = { derivationPrefix: prefix, satoshis: quote.value.satoshis, payer: quote.value.identityKey };
    const proven = await this.judge.judge(transaction, (subject) => this.judge.check(terms, derivationSuffix, subject));
    const held = proven.ok ? { suffix: derivationSuffix, beef: transaction } : undefined;
    if (!quote.value.claimed) this.settleNote(request, seen, { held, wasHeld: quote.value.held });
    if (!proven.ok) return this.refuseToTake(request, proven.rejection, quote.value);
    return accept({ kind: 'payment', ...proven.value, prefix, charge, mark: seen.mark });
  }

  /**
   * That a payment has come was written down before it was judged. Whoever is refused for good is told what it costs when asking again. After an answer that
   * leaves it open, or none, nobody is asked to pay a second time while the terms are open: a good payment is kept for the next time.
   */
  private settleNote(
    request: FastifyRequest,
    seen: SeenPayment,
    { held, wasHeld }: { readonly held: Parameters<typeof holdPayment>[2] | undefined; readonly wasHeld: boolean },
  ): void {
    beforeAnswer(request, async (status) => {
      if (status >= 500) await (held && !wasHeld && holdPayment(this.database, seen, held));
      else if (status >= 400 || wasHeld) await forgetPayment(this.database, seen);
    });
  }

  /** The key that the payer knows us by, to which it pays: that of its session. */
  private keysOf(request: FastifyRequest): GatewayKeys {
    return this.ring.findMaker(callerOf(request)) ?? this.ring.current;
  }

  private writeTerms(request: FastifyRequest, rejection: Rejection, quote: Quote): RejectionError {
    return writeTerms(rejection, quote, { keys: this.keysOf(request), dialects: this.config.paymentDialects });
  }

  /** The same terms again where they are open: other ones would make the client pay twice. */
  private refuseToTake(request: FastifyRequest, rejection: Rejection, quote: Quote): Result<never> {
    if (rejection.code === 'payment-underpaid' && !quote.expired) throw this.writeTerms(request, rejection, quote);
    return { ok: false, rejection };
  }

  /** A request without its payment: the bill, unless a payment has come before. */
  private async askToPay(request: FastifyRequest, charge: Charge): Promise<Result<PaymentTicket>> {
    const { satoshis, plan } = charge;
    const caller = callerOf(request);
    const quote = await findOrCreateQuote(this.database, {
      prefix: this.ring.current.makeQuoteNonce(randomBytes(QUOTE_RANDOM_BYTES)),
      organisation: caller.organisation,
      identityKey: caller.identityKey,
      requestDigest: digestRequest(request),
      method: request.method,
      path: request.url.slice(0, QUOTE_PATH_CHARACTERS_MAX),
      satoshis,
      planVersion: plan,
      ttlMs: this.config.quoteTtlMs,
    });
    if (quote.seen) return this.judgeHeld(request, quote, charge);
    const detail = `This request costs ${String(quote.satoshis)} satoshis.`;
    throw this.writeTerms(request, { code: 'payment-required', detail }, quote);
  }

  private async judgeHeld(
    request: FastifyRequest,
    { prefix, held }: Quote,
    charge: Charge,
  ): Promise<Result<PaymentTicket>> {
    const payment = held ? await findHeldPayment(this.database, prefix) : undefined;
    if (payment === undefined) throw unknownPayment(prefix, 'payment-unknown');
    const message = { derivationPrefix: prefix, derivationSuffix: payment.suffix, transaction: payment.beef };
    return keepUnknown(prefix, () => this.judgePayment(request, message, withoutGrants(charge)));
  }

  /** Terms bind one identity to one request until they expire; a payment that was already taken on them may still be shown again. */
  private readTerms(request: FastifyRequest, quote: Quote | undefined): Result<Quote> {
    // The MAC is ours, so they were given to somebody, and forgotten since.
    if (quote === undefined) return reject('payment-quote-expired');
    // What others were quoted is not this caller's to learn.
    if (quote.identityKey !== callerOf(request).identityKey) return reject('payment-quote-unknown');
    if (!digestRequest(request).equals(quote.requestDigest)) {
      return reject(quote.claimed ? 'payment-already-spent' : 'payment-quote-unknown');
    }
    return quote.expired && !quote.claimed ? reject('payment-quote-expired') : accept(quote);
  }
}

const drawOf = (charge: Charge): DrawTicket => ({ kind: 'draw', satoshis: charge.satoshis, charge });

/** What is paid for uses up no allowance. */
const withoutGrants = (charge: Charge): Charge => ({
  ...charge,
  uses: charge.uses.filter(({ granted }) => granted === undefined),
});

import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  type CheckedPayment,
  type GatewayKeys,
  type GraphTransaction,
  type Outpoint,
  type PaymentTerms,
  type PriceRow,
  type Rejection,
  type Result,
  type Satoshis,
  type Transaction,
  accept,
  checkPayment,
  findPrice,
  findSingleHeader,
  readPayment,
  reject,
  rejections,
} from '#atomic-core';
import { type Quote, findOrCreateQuote, findQuote } from '#ledger';
import { CONFIG, type Config } from '../config';
import { callerOf, keyHolderOf } from '../identity';
import { KeyRing } from '../keys';
import { VerificationService } from '../verification';
import { digestRequest } from './digest-request';
import { writeTerms } from './payment-terms';

/** A payment that was checked in full and not yet taken: it is the claim, in the ledger, that lets one request have it. */
export interface PaymentTicket {
  readonly outpoint: Outpoint;
  readonly prefix: string;
  /** What the output really pays. */
  readonly satoshis: Satoshis;
  /** The payment transaction (last) and its ancestors, parents first. */
  readonly graph: readonly GraphTransaction[];
}

const QUOTE_RANDOM_BYTES = 16;
/** What a quote's row keeps of the path, for a person to read: the digest binds all of it, and a query may be as long as the headers. */
const QUOTE_PATH_CHARACTERS_MAX = 200;

/** What it costs. Never takes money and never says 402 for a fault of ours: a 402 makes `AuthFetch` pay (PROTOCOLS C3). */
@Injectable()
export class PaymentGate {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(VerificationService) private readonly verification: VerificationService,
  ) {}

  /**
   * Undefined where the route is free. A refusal that carries terms is thrown as a RejectionError, since its headers are part of the answer; any
   * other is returned. `quantity` is how many times the price is asked: a batch costs it for each of its lines. `each` is that of the route unless said.
   */
  async admit(
    request: FastifyRequest,
    quantity = 1,
    each: Satoshis = this.priceOf(request),
  ): Promise<Result<PaymentTicket | undefined>> {
    const price = each * quantity;
    if (price === 0) return accept(undefined);
    // Terms are given to a key, and paid by it.
    keyHolderOf(request);
    const header = findSingleHeader(request.raw.rawHeaders, 'x-bsv-payment');
    if (header === null) return reject('header-duplicated');
    if (header === undefined) return this.askToPay(request, price);
    const message = readPayment(header);
    if (!message.ok) return message;
    const { derivationPrefix, derivationSuffix, transaction } = message.value;
    const quote = await this.findTerms(request, derivationPrefix);
    if (!quote.ok) return quote;
    const read = blamePayment(await this.verification.read(transaction));
    if (!read.ok) return read;
    // Before the chain is asked and before any script runs: a payment that does not pay costs its caller nothing, so it must cost us little.
    const terms = { derivationPrefix, satoshis: quote.value.satoshis, payer: quote.value.identityKey };
    const checked = this.check(terms, derivationSuffix, read.value.subject);
    if (!checked.ok) return this.refuseToTake(request, checked.rejection, quote.value);
    const proven = blamePayment(await this.verification.prove(read.value));
    if (!proven.ok) return proven;
    return accept({ ...checked.value, prefix: derivationPrefix, graph: proven.value.transactions });
  }

  /** Of the route, once; 0 where it is free. */
  priceOf(request: FastifyRequest): Satoshis {
    return findPrice(this.config.prices, request.method, request.routeOptions.url ?? '');
  }

  /** Of a route that does what `like` does: its own price where it has one, else that one's, so that no second way in is a way round the first. */
  priceLike(request: FastifyRequest, like: Pick<PriceRow, 'method' | 'path'>): Satoshis {
    return this.priceOf(request) || findPrice(this.config.prices, like.method, like.path);
  }

  /** The key that the payer knows us by, to which it pays: that of its session. */
  private keysOf(request: FastifyRequest): GatewayKeys {
    return this.ring.findMaker(callerOf(request)) ?? this.ring.current;
  }

  /** To any key that is in force: terms may be paid over a change of keys, and the payer was told the one of its session. */
  private check(terms: PaymentTerms, suffix: string, payment: Transaction): Result<CheckedPayment> {
    let checked: Result<CheckedPayment> = reject('payment-wrong-key');
    for (const keys of this.ring.list()) {
      checked = checkPayment(keys, terms, suffix, payment);
      if (checked.ok || checked.rejection.code !== 'payment-wrong-key') return checked;
    }
    return checked;
  }

  /** The same terms again where they are open: other ones would make the client pay twice. */
  private refuseToTake(request: FastifyRequest, rejection: Rejection, quote: Quote): Result<never> {
    if (rejection.code === 'payment-underpaid' && !quote.expired)
      throw writeTerms(rejection, quote, this.keysOf(request));
    return { ok: false, rejection };
  }

  private async askToPay(request: FastifyRequest, satoshis: Satoshis): Promise<never> {
    const caller = callerOf(request);
    const quote = await findOrCreateQuote(this.database, {
      prefix: this.ring.current.makeQuoteNonce(randomBytes(QUOTE_RANDOM_BYTES)),
      organisation: caller.organisation,
      identityKey: caller.identityKey,
      requestDigest: digestRequest(request),
      method: request.method,
      path: request.url.slice(0, QUOTE_PATH_CHARACTERS_MAX),
      satoshis,
      ttlMs: this.config.quoteTtlMs,
    });
    const detail = `This request costs ${String(quote.satoshis)} satoshis.`;
    throw writeTerms({ code: 'payment-required', detail }, quote, this.keysOf(request));
  }

  /** Terms bind one identity to one request until they expire; a payment that was already taken on them may still be shown again. */
  private async findTerms(request: FastifyRequest, prefix: string): Promise<Result<Quote>> {
    if (!this.ring.isQuoteNonce(prefix)) return reject('payment-quote-unknown');
    const quote = await findQuote(this.database, prefix);
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

function blamePayment<T>(verified: Result<T>): Result<T> {
  if (verified.ok) return verified;
  const { code, detail } = verified.rejection;
  // Ours to retry, not the caller's to pay again.
  if (rejections[code].status >= 500) return verified;
  return reject('payment-unproven', `${code}: ${detail}`);
}

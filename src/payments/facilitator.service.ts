import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type RejectionCode,
  type Result,
  type X402Payment,
  type X402Requirements,
  accept,
  readOutpoint,
  readX402Payment,
  readX402Requirements,
  reject,
  requestDigest,
} from '#atomic-core';
import { CONFIG, type Config } from '../config';
import { nobodyOf } from '../identity';
import { KeyRing } from '../keys';
import { PaymentClaims } from './payment-claims.service';
import type { PaymentTicket } from './payment-judge.service';
import { QUOTE_PATH_CHARACTERS_MAX } from './quote-limits';
import { StrangerPayments } from './stranger-payments.service';
import { type Settled, type Unsettled, networkNameOf, reasonOf, settledOf, unsettledOf } from './x402-messages';

export type Verified =
  | { readonly isValid: true; readonly payer: string }
  | { readonly isValid: false; readonly invalidReason: string; readonly payer?: string };

/** A payment for what a server of the operator sells: taken under its own digest, so that it pays for nothing here. */
interface Order {
  readonly payment: X402Payment;
  readonly payer: string;
  readonly digest: Buffer;
  readonly resource: string;
}

const SETTLE = 'x402 settle';

/** The facilitator of x402 v2 for payments to this gateway's key, on the ledger that all dialects share: a payment is settled here or taken there, once. */
@Injectable()
export class FacilitatorService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(StrangerPayments) private readonly strangers: StrangerPayments,
    @Inject(PaymentClaims) private readonly claims: PaymentClaims,
  ) {}

  describe(): Readonly<Record<'kinds' | 'extensions' | 'signers', unknown>> {
    const kind = { x402Version: 2, scheme: 'exact', network: networkNameOf(this.config.network) };
    return {
      kinds: this.config.paymentDialects.includes('x402') ? [kind] : [],
      extensions: [],
      signers: { 'bsv:*': [this.ring.current.identityKey] },
    };
  }

  /** Everything but the taking. What it says holds for the moment: settling asks again. */
  async verify(body: unknown): Promise<Verified> {
    const order = this.readOrder(body);
    if (!order.ok) return { isValid: false, invalidReason: reasonOf(order.rejection.code) };
    const { payer } = order.value;
    const judged = await this.judge(order.value);
    return judged.ok
      ? { isValid: true, payer }
      : { isValid: false, invalidReason: reasonOf(judged.rejection.code), payer };
  }

  /** Takes it. The second time is `duplicate_settlement`, as the scheme asks; what is ours to repair is thrown, so that nobody takes it for a refusal. */
  async settle(request: FastifyRequest, body: unknown): Promise<Settled | Unsettled> {
    const { network } = this.config;
    const order = this.readOrder(body);
    if (!order.ok) return unsettledOf(order.rejection.code, network, undefined);
    const { payer, digest } = order.value;
    const refused = (code: RejectionCode): Unsettled => unsettledOf(code, network, payer);
    const ticket = await this.judge(order.value);
    if (!ticket.ok) return refused(ticket.rejection.code);
    const claimed = await this.claims.claim({ caller: nobodyOf(request), requestDigest: digest }, ticket.value);
    if (!claimed.ok) return refused(claimed.rejection.code);
    if (claimed.value === 'replayed') return refused('payment-already-spent');
    return settledOf({ payer, txid: readOutpoint(ticket.value.outpoint).txid, network });
  }

  private judge({ payment, digest, resource }: Order): Promise<Result<PaymentTicket>> {
    const purchase = {
      requestDigest: digest,
      method: 'SETTLE',
      path: resource.slice(0, QUOTE_PATH_CHARACTERS_MAX),
      charge: { satoshis: Number(payment.accepted.amount), plan: 'x402', creditLimit: 0, uses: [] },
    };
    return this.strangers.judgeShown(payment, purchase);
  }

  private readOrder(body: unknown): Result<Order> {
    const { x402Version, paymentPayload, paymentRequirements } = (
      typeof body === 'object' && body !== null ? body : {}
    ) as Record<string, unknown>;
    if (x402Version !== 2) return reject('payment-malformed', 'The version of x402 is not 2.');
    if (!this.config.paymentDialects.includes('x402')) return reject('payment-dialect-refused');
    const payment = readX402Payment(paymentPayload);
    if (!payment.ok) return payment;
    const required = readX402Requirements(paymentRequirements);
    if (!required.ok) return required;
    // What the server asked and what the payer accepted are one.
    if (writeRequirements(required.value) !== writeRequirements(payment.value.accepted))
      return reject('payment-underpaid', 'The payer accepted other requirements.');
    const resource = readResource(paymentPayload);
    const digest = requestDigest({
      ...{ method: SETTLE, url: resource, topics: undefined, idempotencyKey: undefined },
      body: Buffer.from(writeRequirements(required.value), 'utf8'),
    });
    return accept({ payment: payment.value, payer: payment.value.shown.payer, digest, resource });
  }
}

const writeRequirements = ({ scheme, network, amount, asset, payTo, maxTimeoutSeconds }: X402Requirements): string =>
  JSON.stringify([scheme, network, amount, asset, payTo, maxTimeoutSeconds]);

/** For whom it is: two resources of one price are two purchases. */
const readResource = (payload: unknown): string => {
  const { resource } = payload as { readonly resource?: unknown };
  const { url } = (typeof resource === 'object' && resource !== null ? resource : {}) as { readonly url?: unknown };
  return typeof url === 'string' ? url : '';
};

import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, digestOffer, limits, reject, type OfferTerms, type Result } from '#atomic-core';
import { findBasketOutput, findOffer, listOffers, postOffer, withdrawOffer, type Offer, type OfferPage } from '#ledger';
import { z } from 'zod';
import type { Caller } from '../identity';
import { HostedTopics } from '../topics';
import { isUuid } from './is-uuid';
import { nameOffer } from './name-offer';
import type { RequestName } from './read-key';
import { readTerms, type offerBody } from './read-offer';
import { writeOffer } from './write-offer';

const query = z.strictObject({
  whose: z.enum(['ours', 'to-me', 'to-all']).optional(),
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,3}$/)
    .optional(),
  before: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/)
    .optional(),
});

export interface OfferList {
  readonly offers: readonly Record<string, unknown>[];
  /** Give it as `before` for the next page; null on the last. */
  readonly next: string | null;
}

/** What is for sale. An offer to somebody else does not exist for this caller. */
@Injectable()
export class OffersService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
  ) {}

  async post(caller: Caller, body: z.output<typeof offerBody>, name: RequestName): Promise<Result<Offer>> {
    const asked = readTerms(body);
    if (!asked.ok) return asked;
    const { asset, price, buyerKey, expiresAt } = asked.value;
    const hosted = this.topics.listTopics(asset.topic === undefined ? [] : [asset.topic]);
    if (!hosted.ok) return hosted;
    const { organisation, identityKey: sellerKey } = caller;
    const id = nameOffer(caller, name);
    const written = { id, organisation, sellerKey, price, expiresAt, ...(buyerKey !== undefined && { buyerKey }) };
    const writeTerms = (satoshis: number): OfferTerms => ({ ...written, asset: { ...asset, satoshis } });
    const posted = await findOffer(this.database, caller, id);
    if (posted !== undefined) {
      // Under the caller's own key the terms may be others; under the digest of the request they cannot.
      const isSame = posted.termsDigest.equals(digestOffer(writeTerms(posted.asset.satoshis)));
      return isSame ? accept(posted) : reject('idempotency-conflict');
    }
    const kept = await findBasketOutput(this.database, organisation, asset);
    if (kept === undefined) return reject('basket-output-absent');
    return postOffer(this.database, writeTerms(kept.satoshis), caller.requestId);
  }

  async list(caller: Caller, asked: unknown): Promise<Result<OfferList>> {
    const parsed = query.safeParse(asked);
    if (!parsed.success) return reject('query-malformed');
    const { whose = 'ours', limit: limitText, before } = parsed.data;
    const limit = Number(limitText ?? limits.OFFERS_MAX);
    if (limit > limits.OFFERS_MAX) return reject('query-malformed', `limit is 1 to ${limits.OFFERS_MAX}`);
    const page: OfferPage = { whose, limit, ...(before !== undefined && { before: Number(before) }) };
    const offers = await listOffers(this.database, caller, page);
    const last = offers.length === limit ? offers.at(-1) : undefined;
    return accept({ offers: offers.map(writeOffer), next: last === undefined ? null : String(last.place) });
  }

  async find(caller: Caller, id: string): Promise<Result<Offer>> {
    const offer = isUuid(id) ? await findOffer(this.database, caller, id) : undefined;
    return offer === undefined ? reject('offer-unknown') : accept(offer);
  }

  /** By anybody of the seller's organisation. */
  async withdraw(caller: Caller, id: string): Promise<Result<Offer>> {
    if (!isUuid(id)) return reject('offer-unknown');
    const withdrawn = await withdrawOffer(this.database, caller, id);
    return withdrawn.ok ? this.find(caller, id) : withdrawn;
  }
}

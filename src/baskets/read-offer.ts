import {
  accept,
  isIdentityKey,
  isTopicName,
  readBasketName,
  reject,
  SATOSHIS_MAX,
  type OfferTerms,
  type Result,
} from '#atomic-core';
import { z } from 'zod';
import { readOutpointText } from './read-outpoint';

/** What pays is a template, not a program. */
const PRICE_SCRIPT_BYTES_MAX = 10_000;

export const offerBody = z.strictObject({
  asset: z.strictObject({ outpoint: z.string(), basket: z.string(), topic: z.string().refine(isTopicName).optional() }),
  price: z.strictObject({
    satoshis: z.int().min(1).max(SATOSHIS_MAX),
    lockingScript: z
      .string()
      .regex(/^(?:[0-9a-f]{2})+$/)
      .max(2 * PRICE_SCRIPT_BYTES_MAX),
    basket: z.string(),
  }),
  buyerKey: z.string().refine(isIdentityKey).optional(),
  expiresAt: z.iso.datetime({ offset: true }),
});

/** The terms that the seller says; who it is, what the asset is worth and what the offer is called, the gateway knows. */
export type AskedTerms = Omit<OfferTerms, 'id' | 'organisation' | 'sellerKey' | 'asset'> & {
  readonly asset: Omit<OfferTerms['asset'], 'satoshis'>;
};

export function readTerms({ asset, price, buyerKey, expiresAt }: z.output<typeof offerBody>): Result<AskedTerms> {
  const outpoint = readOutpointText(asset.outpoint, 'asset.outpoint');
  if (!outpoint.ok) return outpoint;
  const basket = readBasketName(asset.basket);
  if (!basket.ok) return basket;
  const priceBasket = readBasketName(price.basket);
  if (!priceBasket.ok) return priceBasket;
  const ends = new Date(expiresAt);
  if (ends.getTime() <= Date.now()) return reject('request-malformed', 'expiresAt is over');
  return accept({
    asset: {
      outpoint: outpoint.value,
      basket: basket.value,
      ...(asset.topic !== undefined && { topic: asset.topic }),
    },
    price: {
      satoshis: price.satoshis,
      lockingScript: Buffer.from(price.lockingScript, 'hex'),
      basket: priceBasket.value,
    },
    ...(buyerKey !== undefined && { buyerKey }),
    expiresAt: ends,
  });
}

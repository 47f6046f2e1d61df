import { printOutpoint } from '#atomic-core';
import type { Offer } from '#ledger';

/** All terms, as their digest has them, so that a buyer can compute it. */
export function writeOffer(offer: Offer): Record<string, unknown> {
  const { id, state, organisation, sellerKey, buyerKey = null, asset, price, expiresAt, termsDigest } = offer;
  return {
    ...{ id, state, organisation, sellerKey, buyerKey },
    asset: {
      outpoint: printOutpoint(asset.outpoint),
      basket: asset.basket,
      satoshis: asset.satoshis,
      topic: asset.topic ?? null,
    },
    price: {
      satoshis: price.satoshis,
      lockingScript: Buffer.from(price.lockingScript).toString('hex'),
      basket: price.basket,
    },
    expiresAt: expiresAt.toISOString(),
    termsDigest: termsDigest.toString('hex'),
  };
}

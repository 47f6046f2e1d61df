import type { Outpoint } from '../bytes';
import { digestOffer, type OfferTerms } from './offer-terms';

const terms: OfferTerms = {
  id: '6f1c1f6e-52f5-4d3c-9f0e-0d5a4d0b8a11',
  organisation: 'acme',
  sellerKey: '02aa',
  buyerKey: '03bb',
  asset: { outpoint: Buffer.alloc(36, 7) as unknown as Outpoint, basket: 'goods', satoshis: 1, topic: 'tm_goods' },
  price: { satoshis: 500, lockingScript: Buffer.of(0x51), basket: 'income' },
  expiresAt: new Date('2026-12-01T00:00:00.000Z'),
};
const without = (name: 'buyerKey'): OfferTerms => {
  const { [name]: _, ...rest } = terms;
  return rest;
};

describe('the digest of an offer', () => {
  it('is the one that it was: who kept one can still tell an altered offer', () => {
    expect(digestOffer(terms).toString('hex')).toBe('b5f404c076fa3c37063f1129c953324a415f35d0f28546037ce6961c9a4abe8f');
  });

  it('changes with each of the terms', () => {
    const { asset, price } = terms;
    const changed: OfferTerms[] = [
      { ...terms, id: 'another' },
      { ...terms, organisation: 'other' },
      { ...terms, sellerKey: '02ab' },
      { ...terms, buyerKey: '03bc' },
      without('buyerKey'),
      { ...terms, asset: { ...asset, outpoint: Buffer.alloc(36, 8) as unknown as Outpoint } },
      { ...terms, asset: { ...asset, basket: 'good' } },
      { ...terms, asset: { ...asset, satoshis: 2 } },
      { ...terms, asset: { outpoint: asset.outpoint, basket: asset.basket, satoshis: asset.satoshis } },
      { ...terms, price: { ...price, satoshis: 499 } },
      { ...terms, price: { ...price, lockingScript: Buffer.of(0x52) } },
      { ...terms, price: { ...price, basket: 'outcome' } },
      { ...terms, expiresAt: new Date('2026-12-01T00:00:00.001Z') },
    ];
    const digests = [terms, ...changed].map((each) => digestOffer(each).toString('hex'));
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('does not take the end of one field for the beginning of the next', () => {
    const [one, two] = ['ab', 'a'].map((organisation, place) =>
      digestOffer({ ...terms, organisation, sellerKey: place === 0 ? 'c' : 'bc' }),
    );
    expect(one).not.toEqual(two);
  });
});

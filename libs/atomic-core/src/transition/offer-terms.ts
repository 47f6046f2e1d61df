import { sha256, type Outpoint, type Satoshis } from '../bytes';

/** What is offered, for how much, by whom, to whom and until when: all of what a buyer agrees to. */
export interface OfferTerms {
  readonly id: string;
  /** The seller's. */
  readonly organisation: string;
  readonly sellerKey: string;
  /** The only identity that may take it; absent: anybody. */
  readonly buyerKey?: string;
  readonly asset: {
    readonly outpoint: Outpoint;
    readonly basket: string;
    readonly satoshis: Satoshis;
    readonly topic?: string;
  };
  readonly price: { readonly satoshis: Satoshis; readonly lockingScript: Uint8Array; readonly basket: string };
  readonly expiresAt: Date;
}

const TERMS_VERSION = Buffer.of(1);

/**
 * sha256 over the one byte form of the terms: a version, then each field with its length (four bytes, big-endian), in this order, numbers in decimal and
 * the end in milliseconds since 1970. Lengths keep fields from running into each other. What is absent is written as the empty text, which no field of an
 * offer may be. The ledger computes the same over its rows (invariant I17): a change to one is a change to both, and a new version.
 */
export function digestOffer({ id, organisation, sellerKey, buyerKey, asset, price, expiresAt }: OfferTerms): Buffer {
  const fields: readonly (string | Uint8Array)[] = [
    ...[id, organisation, sellerKey, buyerKey ?? ''],
    ...[asset.outpoint, asset.basket, String(asset.satoshis), asset.topic ?? ''],
    ...[String(price.satoshis), price.lockingScript, price.basket],
    String(expiresAt.getTime()),
  ];
  return sha256(Buffer.concat([TERMS_VERSION, ...fields.map(withLength)]));
}

function withLength(field: string | Uint8Array): Buffer {
  const bytes = typeof field === 'string' ? Buffer.from(field, 'utf8') : field;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

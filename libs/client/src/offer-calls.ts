import { Utils } from '@bsv/sdk';
import type { Receipt } from './answers';
import type { Send } from './call';

/** What the seller asks for, and to whom. */
export interface OfferRequest {
  /** An output in a basket of the caller's organisation; `topic`: the one that judges its move. */
  readonly asset: { readonly outpoint: string; readonly basket: string; readonly topic?: string };
  /** Paid by one output, to the satoshi and to the script (hex), and kept in `basket`. */
  readonly price: { readonly satoshis: number; readonly lockingScript: string; readonly basket: string };
  /** The only identity that may take it; absent: anybody. */
  readonly buyerKey?: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface Offer {
  readonly id: string;
  readonly state: 'open' | 'taken' | 'withdrawn' | 'expired';
  readonly organisation: string;
  readonly sellerKey: string;
  readonly buyerKey: string | null;
  readonly asset: {
    readonly outpoint: string;
    readonly basket: string;
    readonly satoshis: number;
    readonly topic: string | null;
  };
  readonly price: { readonly satoshis: number; readonly lockingScript: string; readonly basket: string };
  readonly expiresAt: string;
  /** What a buyer agrees to. */
  readonly termsDigest: string;
}

export interface OfferPage {
  readonly offers: readonly Offer[];
  /** Give it as `before` for the next page; null on the last. */
  readonly next: string | null;
}

export interface Acceptance {
  /** The signed exchange. */
  readonly beef: Uint8Array;
  /** The output that hands the asset on, and where it is kept. */
  readonly assetVout: number;
  readonly basket: string;
  readonly tags?: readonly string[];
  readonly customInstructions?: string;
  readonly labels?: readonly string[];
  /** Of the terms that the buyer looked at. */
  readonly termsDigest: string;
  readonly topics?: readonly string[];
}

/** Offers: an output for a price, taken in one transaction and one COMMIT. */
export class OfferCalls {
  constructor(private readonly send: Send) {}

  /** The same request again finds the same offer. */
  async post(request: OfferRequest): Promise<Offer> {
    const body = JSON.stringify(request);
    return (await (await this.send({ method: 'POST', path: '/v1/offers', body })).json()) as Offer;
  }

  /** Newest first. */
  async list(whose: 'ours' | 'to-me' | 'to-all' = 'ours', before?: string): Promise<OfferPage> {
    const path = `/v1/offers?whose=${whose}${before === undefined ? '' : `&before=${encodeURIComponent(before)}`}`;
    return (await (await this.send({ method: 'GET', path })).json()) as OfferPage;
  }

  async find(id: string): Promise<Offer> {
    return (await (await this.send({ method: 'GET', path: pathOf(id) })).json()) as Offer;
  }

  async withdraw(id: string): Promise<Offer> {
    return (await (await this.send({ method: 'DELETE', path: pathOf(id) })).json()) as Offer;
  }

  /** Takes it. The same acceptance again gets the same receipt. */
  async accept(id: string, { beef, ...rest }: Acceptance): Promise<Receipt> {
    const body = JSON.stringify({ ...rest, beef: Utils.toBase64(Array.from(beef)) });
    return (await (await this.send({ method: 'POST', path: `${pathOf(id)}/acceptances`, body })).json()) as Receipt;
  }
}

const pathOf = (id: string): string => `/v1/offers/${encodeURIComponent(id)}`;

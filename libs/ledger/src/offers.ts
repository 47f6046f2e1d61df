import { accept, digestOffer, encodeLeaf, hashState, printOutpoint } from '#atomic-core';
import type { AuditDecision, OfferTerms, Outpoint, Result } from '#atomic-core';
import { hexOf, onlyRow, runRefusable, runStatement } from './database';
import type { Database } from './database';
import { tenantOf } from './tenant';

/** Who acts, and under which request. */
export interface Actor {
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestId: string;
}

/** `expired`: its time is over, or the asset has left the basket of the seller in another way. */
export type OfferState = 'open' | 'taken' | 'withdrawn' | 'expired';

export interface Offer extends OfferTerms {
  readonly state: OfferState;
  /** sha256 of the terms: what a buyer agrees to. */
  readonly termsDigest: Buffer;
}

interface OfferRow {
  readonly id: string;
  readonly organisation: string;
  readonly seller_key: string;
  readonly buyer_key: string | null;
  readonly asset: Buffer;
  readonly basket: string;
  readonly satoshis: string;
  readonly topic: string | null;
  readonly price_satoshis: string;
  readonly price_script: Buffer;
  readonly price_basket: string;
  readonly expires_at: Date;
  readonly terms_digest: Buffer;
  readonly state: OfferState;
}

const STATE = `case when o.taken_by is not null then 'taken' when o.withdrawn_at is not null then 'withdrawn' when o.expires_at <= clock_timestamp()
  or (portcullis.find_held(o.organisation, o.basket, o.asset)).txid is null then 'expired' else 'open' end`;

const readRow = (row: OfferRow): Offer => ({
  id: row.id,
  organisation: row.organisation,
  sellerKey: row.seller_key,
  ...(row.buyer_key !== null && { buyerKey: row.buyer_key }),
  asset: {
    outpoint: row.asset as unknown as Outpoint,
    basket: row.basket,
    satoshis: Number(row.satoshis),
    ...(row.topic !== null && { topic: row.topic }),
  },
  price: { satoshis: Number(row.price_satoshis), lockingScript: row.price_script, basket: row.price_basket },
  expiresAt: row.expires_at,
  state: row.state,
  termsDigest: row.terms_digest,
});

interface Act {
  readonly decision: AuditDecision;
  readonly actor: Actor;
  readonly subject: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** By the clock of this process: the index of a leaf is the order, not its time. */
const writeActLeaf = ({ decision, actor, subject, before, after }: Act): string => {
  const { organisation, identityKey, requestId } = actor;
  const hashes = { beforeHash: hashState(before), afterHash: hashState(after) };
  return hexOf(encodeLeaf({ decision, atMs: Date.now(), organisation, identityKey, requestId, subject, ...hashes }));
};

/**
 * Offers an output that lies in a basket of the seller. Many offers of one output may stand; the first that is taken ends the others.
 * Refused: `basket-output-absent`, `output-reserved`.
 */
export const postOffer = async (
  db: Database,
  terms: OfferTerms,
  requestId: string,
): Promise<Result<Offer & { readonly auditLeaf: number }>> => {
  const { id, organisation, sellerKey, buyerKey, asset, price, expiresAt } = terms;
  const termsDigest = digestOffer(terms);
  const leaf = writeActLeaf({
    decision: 'offered',
    actor: { organisation, identityKey: sellerKey, requestId },
    subject: id,
    before: [`basket ${asset.basket} ${printOutpoint(asset.outpoint)}`],
    after: [`offer ${id} ${termsDigest.toString('hex')}`],
  });
  const asked = {
    ...{ id, organisation, sellerKey, buyerKey, asset: hexOf(asset.outpoint), basket: asset.basket },
    ...{ satoshis: asset.satoshis, topic: asset.topic, expiresAt, digest: hexOf(termsDigest), leaf },
    ...{ priceSatoshis: price.satoshis, priceScript: hexOf(price.lockingScript), priceBasket: price.basket },
  };
  const posted = await runRefusable<{ leaf: string }[]>(
    tenantOf(db, organisation),
    'select portcullis.post_offer($1::jsonb) as leaf',
    [JSON.stringify(asked)],
  );
  if (!posted.ok) return posted;
  return accept({ ...terms, state: 'open', termsDigest, auditLeaf: Number(onlyRow(posted.value).leaf) });
};

/** Who looks: a seller's organisation sees its offers, anybody else those that are made to it or to all. */
export interface OfferViewer {
  readonly organisation: string;
  readonly identityKey: string;
}

export const findOffer = async (db: Database, viewer: OfferViewer, id: string): Promise<Offer | undefined> => {
  const [row] = await runStatement<OfferRow[]>(
    db,
    `select o.*, ${STATE} as state from portcullis.offer o
     where o.id = $1 and (o.organisation = $2 or o.buyer_key is null or o.buyer_key = $3)`,
    [id, viewer.organisation, viewer.identityKey],
  );
  return row && readRow(row);
};

export interface OfferPage {
  /** `ours`: those of the organisation. `to-me`: those made to this identity alone. `to-all`: those that anybody may take. */
  readonly whose: 'ours' | 'to-me' | 'to-all';
  readonly limit: number;
  /** The place of the last offer of the page before; newest first. */
  readonly before?: number;
}

const WHOSE: Readonly<Record<OfferPage['whose'], string>> = {
  ours: 'o.organisation = $1 and $2::text is not null',
  'to-me': 'o.buyer_key = $2 and $1::text is not null',
  'to-all': 'o.buyer_key is null and $1::text is not null and $2::text is not null',
};

/** Newest first, whatever has become of them. */
export const listOffers = async (
  db: Database,
  viewer: OfferViewer,
  { whose, limit, before }: OfferPage,
): Promise<(Offer & { readonly place: number })[]> => {
  const rows = await runStatement<(OfferRow & { place: string })[]>(
    db,
    `select o.*, ${STATE} as state from portcullis.offer o where ${WHOSE[whose]} and ($3::bigint is null or o.place < $3)
     order by o.place desc limit $4`,
    [viewer.organisation, viewer.identityKey, before ?? null, limit],
  );
  return rows.map((row) => ({ ...readRow(row), place: Number(row.place) }));
};

/** By anybody of the seller's organisation; again is no error. Refused: `offer-unknown`, `offer-ended`. */
export const withdrawOffer = async (db: Database, actor: Actor, id: string): Promise<Result<undefined>> => {
  const leaf = writeActLeaf({
    decision: 'withdrawn',
    actor,
    subject: id,
    before: [`offer ${id} open`],
    after: [`offer ${id} withdrawn`],
  });
  const asked = JSON.stringify({ id, organisation: actor.organisation, leaf });
  const withdrawn = await runRefusable(
    tenantOf(db, actor.organisation),
    'select portcullis.withdraw_offer($1::jsonb)',
    [asked],
  );
  return withdrawn.ok ? accept(undefined) : withdrawn;
};

export interface Relinquishment extends Actor {
  readonly basket: string;
  readonly outpoint: Outpoint;
}

/** Drops an output from its basket without spending it (BRC-100). Refused: `basket-output-absent`, `output-reserved`. */
export const relinquishOutput = async (
  db: Database,
  { basket, outpoint, ...actor }: Relinquishment,
): Promise<Result<{ readonly auditLeaf: number }>> => {
  const subject = printOutpoint(outpoint);
  const leaf = writeActLeaf({
    decision: 'relinquished',
    actor,
    subject,
    before: [`basket ${basket} ${subject}`],
    after: [],
  });
  const { organisation, identityKey } = actor;
  const asked = JSON.stringify({ organisation, identityKey, basket, outpoint: hexOf(outpoint), ref: subject, leaf });
  const done = await runRefusable<{ leaf: string }[]>(
    tenantOf(db, organisation),
    'select portcullis.relinquish_output($1::jsonb) as leaf',
    [asked],
  );
  return done.ok ? accept({ auditLeaf: Number(onlyRow(done.value).leaf) }) : done;
};

import type { Invariant } from './invariant';

const BASKETS = `
select 'kept more than once in ' || organisation || ': ' || portcullis.wire(portcullis.make_outpoint(txid, vout)) as violation
  from portcullis.basket_output group by organisation, txid, vout having count(*) > 1
union all
select 'an output that lies in a basket is not found by its tag: ' || b.basket || ' ' || given.tag from portcullis.basket_output b, unnest(b.tags) given (tag)
  where b.removed_by is null and not b.retracted and not b.relinquished and not exists (select from portcullis.basket_output_tag t
    where t.organisation = b.organisation and t.basket = b.basket and t.tag = given.tag and t.place = b.place and t.txid = b.txid and t.vout = b.vout)
union all
select 'a tag finds what is not in its basket: ' || t.basket || ' ' || t.tag from portcullis.basket_output_tag t
  where not exists (select from portcullis.basket_output b where b.organisation = t.organisation and b.txid = t.txid and b.vout = t.vout
    and b.basket = t.basket and b.place = t.place and t.tag = any(b.tags) and b.removed_by is null and not b.retracted and not b.relinquished)`;

const RESERVATIONS = `
select 'an output is held by no reservation of its basket: ' || portcullis.wire(portcullis.make_outpoint(b.txid, b.vout)) as violation
  from portcullis.basket_output b left join portcullis.reservation r on r.id = b.reserved_by and r.organisation = b.organisation and r.basket = b.basket
  where b.reserved_by is not null and r.id is null
union all
select 'an output is held half: ' || portcullis.wire(portcullis.make_outpoint(txid, vout)) from portcullis.basket_output
  where (reserved_by is null) <> (reserved_until is null)
union all
select 'an output is held for another time than its reservation: ' || r.id from portcullis.basket_output b
  join portcullis.reservation r on r.id = b.reserved_by where b.reserved_until <> r.expires_at
union all
select 'a reservation holds what it released: ' || r.id from portcullis.basket_output b
  join portcullis.reservation r on r.id = b.reserved_by where r.released_at is not null`;

/** As the core writes the terms: see digestOffer. */
const TERMS = `array[convert_to(o.id::text, 'UTF8'), convert_to(o.organisation, 'UTF8'), convert_to(o.seller_key, 'UTF8'),
    convert_to(coalesce(o.buyer_key, ''), 'UTF8'), o.asset, convert_to(o.basket, 'UTF8'), convert_to(o.satoshis::text, 'UTF8'),
    convert_to(coalesce(o.topic, ''), 'UTF8'), convert_to(o.price_satoshis::text, 'UTF8'), o.price_script, convert_to(o.price_basket, 'UTF8'),
    convert_to((extract(epoch from o.expires_at) * 1000)::bigint::text, 'UTF8')]`;

const OFFERS = `
select 'an offer is not what its digest says: ' || o.id as violation from portcullis.offer o
  where o.terms_digest <> sha256('\\x01'::bytea
    || (select string_agg(int4send(octet_length(field)) || field, ''::bytea order by nth) from unnest(${TERMS}) with ordinality given (field, nth)))
union all
select 'an offer is taken by a retracted transition: ' || o.id from portcullis.offer o
  join portcullis.transition t on t.id = o.taken_by where t.settlement = 'retracted'
union all
select 'an offer is taken by whom it was not made to: ' || o.id from portcullis.offer o
  join portcullis.transition t on t.id = o.taken_by where o.buyer_key <> t.identity_key
union all
select 'an offer is taken and its asset not spent by its taker: ' || o.id from portcullis.offer o
  join portcullis.transition t on t.id = o.taken_by left join portcullis.spent_outpoint s on s.outpoint = o.asset
  where s.spender_txid is distinct from t.txid
union all
select 'an offer is taken and not paid for: ' || o.id from portcullis.offer o
  join portcullis.transition t on t.id = o.taken_by
  where not exists (select from portcullis.basket_output b where b.organisation = o.organisation and b.txid = t.txid and b.basket = o.price_basket
    and b.satoshis = o.price_satoshis and b.locking_script = o.price_script and not b.retracted)`;

export const BASKET_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'I15',
    sentence: 'An output is in one basket of an organisation, and its tags find what lies there and nothing else.',
    sql: BASKETS,
  },
  {
    invariant: 'I16',
    sentence: 'What is reserved is held by one reservation of its basket, for its time.',
    sql: RESERVATIONS,
  },
  {
    invariant: 'I17',
    sentence: 'An offer is what its digest says; taken, it was paid for by the transition that spent its asset.',
    sql: OFFERS,
  },
];

/** Offers: an asset in a basket for a price, and what else the owner of a basket may do with an output without spending it. */
export const OFFERS = `
create function portcullis.find_held(tenant text, shelf text, outpoint bytea) returns portcullis.basket_output language sql as $$
  select b from portcullis.basket_output b where b.organisation = tenant and b.txid = substring(outpoint from 1 for 32)
    and b.vout = portcullis.vout_of(outpoint) and b.basket = shelf and num_nulls(b.removed_by) = 1 and not b.retracted and not b.relinquished
$$;

create function portcullis.refuse_reserved(held portcullis.basket_output, identity text) returns void language plpgsql as $$
begin
  if held.reserved_until > clock_timestamp() and exists (
      select from portcullis.reservation r where r.id = held.reserved_by and r.identity_key <> identity) then
    perform portcullis.refuse('output-reserved', portcullis.wire(portcullis.make_outpoint(held.txid, held.vout)) || ' is reserved');
  end if;
end $$;

-- No longer tracked, though not spent. Who takes an offer of it at this moment is first or finds it gone.
create function portcullis.relinquish_output(asked jsonb) returns bigint language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  asset constant bytea := decode(asked->>'outpoint', 'hex');
  held portcullis.basket_output;
begin
  perform portcullis.share_ledger();
  perform from portcullis.offer o where o.organisation = tenant and o.asset = decode(asked->>'outpoint', 'hex') order by o.id for update;
  perform from portcullis.basket_output b
    where b.organisation = tenant and b.txid = substring(asset from 1 for 32) and b.vout = portcullis.vout_of(asset) for update;
  held := portcullis.find_held(tenant, asked->>'basket', asset);
  if held.txid is null then perform portcullis.refuse('basket-output-absent', portcullis.wire(asset) || ' is not in this basket'); end if;
  perform portcullis.refuse_reserved(held, asked->>'identityKey');
  update portcullis.basket_output b set relinquished = true, reserved_by = null, reserved_until = null
    where b.organisation = tenant and b.txid = held.txid and b.vout = held.vout;
  return portcullis.record_act('relinquished', tenant, asked->>'ref', decode(asked->>'leaf', 'hex'));
end $$;

create function portcullis.post_offer(asked jsonb) returns bigint language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  asset constant bytea := decode(asked->>'asset', 'hex');
  held portcullis.basket_output;
begin
  perform portcullis.share_ledger();
  held := portcullis.find_held(tenant, asked->>'basket', asset);
  if held.txid is null then perform portcullis.refuse('basket-output-absent', portcullis.wire(asset) || ' is not in this basket'); end if;
  perform portcullis.refuse_reserved(held, asked->>'sellerKey');
  if held.satoshis <> (asked->>'satoshis')::bigint then raise exception 'an offer of % names other satoshis than its output has', portcullis.wire(asset); end if;
  insert into portcullis.offer (id, organisation, seller_key, buyer_key, asset, basket, satoshis, topic, price_satoshis, price_script, price_basket,
      expires_at, terms_digest)
    values ((asked->>'id')::uuid, tenant, asked->>'sellerKey', asked->>'buyerKey', asset, asked->>'basket', held.satoshis, asked->>'topic',
      (asked->>'priceSatoshis')::bigint, decode(asked->>'priceScript', 'hex'), asked->>'priceBasket', (asked->>'expiresAt')::timestamptz,
      decode(asked->>'digest', 'hex'));
  return portcullis.record_act('offered', tenant, asked->>'id', decode(asked->>'leaf', 'hex'));
end $$;

-- Null when it was withdrawn before.
create function portcullis.withdraw_offer(asked jsonb) returns bigint language plpgsql as $$
declare held portcullis.offer%rowtype;
begin
  perform portcullis.share_ledger();
  select * into held from portcullis.offer o where o.id = (asked->>'id')::uuid and o.organisation = asked->>'organisation' for update;
  if not found then perform portcullis.refuse('offer-unknown', 'no such offer of this organisation'); end if;
  perform portcullis.refuse_taken(held);
  if held.withdrawn_at is not null then return null; end if;
  if held.expires_at <= clock_timestamp() then perform portcullis.refuse('offer-ended', 'it has expired'); end if;
  update portcullis.offer o set withdrawn_at = clock_timestamp() where o.id = held.id;
  return portcullis.record_act('withdrawn', held.organisation, asked->>'id', decode(asked->>'leaf', 'hex'));
end $$;

create function portcullis.refuse_taken(held portcullis.offer) returns void language plpgsql as $$
declare winner bytea;
begin
  if held.taken_by is null then return; end if;
  select t.txid into strict winner from portcullis.transition t where t.id = held.taken_by;
  perform portcullis.refuse('offer-ended', 'it was taken by ' || portcullis.wire(winner));
end $$;

-- Part of THE COMMIT, after the spends are claimed and before baskets are emptied and filled.
create function portcullis.take_offer(asked jsonb, made uuid) returns void language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  held portcullis.offer%rowtype;
  asset portcullis.basket_output;
  paid int;
begin
  select * into held from portcullis.offer o where o.id = (asked->'offer'->>'id')::uuid for update;
  if not found or held.buyer_key <> asked->>'identityKey' then perform portcullis.refuse('offer-unknown', 'no such offer to this identity'); end if;
  perform portcullis.refuse_taken(held);
  if held.withdrawn_at is not null then perform portcullis.refuse('offer-ended', 'it was withdrawn'); end if;
  if held.expires_at <= clock_timestamp() then perform portcullis.refuse('offer-ended', 'it has expired'); end if;
  if held.terms_digest <> decode(asked->'offer'->>'digest', 'hex') then
    perform portcullis.refuse('offer-altered', 'the digest of the terms is another');
  end if;
  asset := portcullis.find_held(held.organisation, held.basket, held.asset);
  if asset.txid is null then perform portcullis.refuse('offer-ended', portcullis.wire(held.asset) || ' is no longer in the basket of the seller'); end if;
  perform portcullis.refuse_reserved(asset, held.seller_key);
  if not exists (select from jsonb_array_elements(asked->'spends') s
      where decode(s->>'outpoint', 'hex') = held.asset and s->>'spender' = asked->>'txid') then
    perform portcullis.refuse('offer-unfulfilled', 'the transaction does not spend ' || portcullis.wire(held.asset));
  end if;
  select (a->>'vout')::int into paid from jsonb_array_elements(asked->'baskets') a
    where coalesce(a->>'organisation', tenant) = held.organisation and a->>'basket' = held.price_basket
      and (a->>'satoshis')::bigint = held.price_satoshis and decode(a->>'script', 'hex') = held.price_script limit 1;
  if not found then
    perform portcullis.refuse('offer-unfulfilled', 'no output pays ' || held.price_satoshis || ' satoshis to the script of the offer into the basket of the seller');
  end if;
  if not exists (select from jsonb_array_elements(asked->'baskets') a
      where coalesce(a->>'organisation', tenant) = tenant and (a->>'vout')::int <> paid) then
    perform portcullis.refuse('offer-unfulfilled', 'no output hands the asset on into a basket of the buyer');
  end if;
  -- The payment alone is the seller's to be given: nobody fills the baskets of another.
  if exists (select from jsonb_array_elements(asked->'baskets') a where coalesce(a->>'organisation', tenant) <> tenant and (a->>'vout')::int <> paid) then
    perform portcullis.refuse('offer-unfulfilled', 'an output that is not the payment is given to the seller');
  end if;
  update portcullis.offer o set taken_by = made where o.id = held.id;
end $$;

-- Part of a retraction: what was taken may be taken again, for as long as it lasts.
create function portcullis.reopen_offers(transitions uuid[]) returns void language plpgsql as $$
begin
  update portcullis.offer o set taken_by = null where o.taken_by = any(transitions);
end $$;
`;

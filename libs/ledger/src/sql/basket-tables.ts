/** What baskets grew to: one row an output and organisation, with tags, quantity, order of arrival and who holds it for how long. */
export const BASKET_TABLES = `
alter table portcullis.basket_output
  drop constraint basket_output_pkey,
  add primary key (organisation, txid, vout),
  add column tags text[] not null default '{}',
  add column custom_instructions text,
  add column quantity bigint not null default 1 check (quantity > 0),
  add column relinquished boolean not null default false,
  add column place bigint generated always as identity,
  add column reserved_by uuid,
  add column reserved_until timestamptz,
  add constraint basket_output_reservation_whole check (num_nulls(reserved_by, reserved_until) in (0, 2));
drop index portcullis.basket_output_live;
create index basket_output_outpoint on portcullis.basket_output (txid, vout);
create index basket_output_place on portcullis.basket_output (organisation, basket, place) include (satoshis, quantity, reserved_until)
  where removed_by is null and not retracted and not relinquished;
create index basket_output_free on portcullis.basket_output (organisation, basket, reserved_until nulls first, place)
  where removed_by is null and not retracted and not relinquished;
create index basket_output_reserved_by on portcullis.basket_output (reserved_by) where reserved_by is not null;

-- An index of what lies in baskets by tag: as ordered as the basket, and no longer than what is in it. Kept by a trigger, whoever changes the basket.
create table portcullis.basket_output_tag (
  organisation text not null,
  basket text not null,
  tag text not null,
  place bigint not null,
  txid bytea not null,
  vout integer not null,
  primary key (organisation, basket, tag, place)
);

create function portcullis.index_basket_tags() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    delete from portcullis.basket_output_tag t
      where t.organisation = old.organisation and t.basket = old.basket and t.tag = any(old.tags) and t.place = old.place;
  end if;
  if new.removed_by is null and not new.retracted and not new.relinquished then
    insert into portcullis.basket_output_tag (organisation, basket, tag, place, txid, vout)
      select new.organisation, new.basket, given.tag, new.place, new.txid, new.vout from unnest(new.tags) given (tag) order by 3;
  end if;
  return null;
end $$;
create trigger index_new_tags after insert on portcullis.basket_output for each row when (new.tags <> '{}')
  execute function portcullis.index_basket_tags();
create trigger index_changed_tags after update of organisation, basket, tags, place, removed_by, retracted, relinquished on portcullis.basket_output
  for each row when (new.tags <> '{}' or old.tags <> '{}') execute function portcullis.index_basket_tags();

create table portcullis.reservation (
  id uuid primary key,
  organisation text not null check (organisation <> ''),
  identity_key text not null,
  basket text not null,
  request_key text,
  terms jsonb not null,
  expires_at timestamptz not null,
  released_at timestamptz,
  created_at timestamptz not null default now(),
  constraint reservation_request unique (organisation, identity_key, request_key)
);

create table portcullis.offer (
  id uuid primary key,
  organisation text not null check (organisation <> ''),
  seller_key text not null,
  buyer_key text check (buyer_key <> ''),
  asset bytea not null check (octet_length(asset) = 36),
  basket text not null,
  satoshis bigint not null check (satoshis between 0 and 2100000000000000),
  topic text check (topic <> ''),
  price_satoshis bigint not null check (price_satoshis between 1 and 2100000000000000),
  price_script bytea not null,
  price_basket text not null,
  expires_at timestamptz not null,
  terms_digest bytea not null check (octet_length(terms_digest) = 32),
  withdrawn_at timestamptz,
  taken_by uuid references portcullis.transition,
  place bigint generated always as identity,
  created_at timestamptz not null default now()
);
create unique index offer_taken_by on portcullis.offer (taken_by) where taken_by is not null;
create index offer_asset on portcullis.offer (organisation, asset);
create index offer_seller on portcullis.offer (organisation, place);
create index offer_buyer on portcullis.offer (buyer_key, place) where buyer_key is not null;
create index offer_to_all on portcullis.offer (place) where buyer_key is null;
`;

/** The application posts, takes and withdraws offers and never rewrites one; what is found by tag is the trigger's alone to keep. */
export const BASKET_GRANTS = `
revoke insert, update, delete on portcullis.basket_output_tag from portcullis_app;
revoke delete on portcullis.reservation from portcullis_app;
revoke update, delete on portcullis.offer from portcullis_app;
grant update (taken_by, withdrawn_at) on portcullis.offer to portcullis_app;
`;

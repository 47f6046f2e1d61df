/** Payments as accounts see them: what is left of one, what was served for it, what is owed. Read ops/decisions/0055. */
export const ACCOUNT_PAYMENTS = `
-- Whose account a payment is of: of who paid, where that is not who asked.
create function portcullis.account_of(paid portcullis.payment_claim) returns text language sql stable as $$
  select coalesce(paid.holder, q.payer, q.organisation) from portcullis.payment_quote q where q.prefix = paid.prefix
$$;

-- asked->'exposure': {payerMax?, totalMax?}, satoshis of payments that the network has not accepted, this one included. Decided one after another: of one payer
-- under the lock of its account, of all under one lock that is taken where there is such a bound.
create function portcullis.bound_exposure(exposed_to text, exposure jsonb) returns void language plpgsql as $$
declare
  exposed bigint;
begin
  if exposure ? 'totalMax' then
    perform pg_advisory_xact_lock(7364957);
    select sum(c.satoshis) into exposed from portcullis.payment_claim c where c.settlement = 'applied';
    if exposed > (exposure->>'totalMax')::bigint then perform portcullis.refuse('payment-exposed', 'by all payers together'); end if;
  end if;
  if exposure ? 'payerMax' then
    perform portcullis.lock_account(exposed_to);
    select sum(c.satoshis) into exposed from portcullis.payment_claim c
      where c.settlement = 'applied' and c.organisation in (exposed_to, 'public') and portcullis.account_of(c) = exposed_to;
    if exposed > (exposure->>'payerMax')::bigint then perform portcullis.refuse('payment-exposed', 'by this payer'); end if;
  end if;
end $$;

-- What was paid above the price is the payer's, and what is paid ahead is all of it. Where the terms were a ceiling, asked->'charged' is the price. The claim
-- was made in this transaction.
create function portcullis.keep_change(asked jsonb) returns void language plpgsql as $$
declare
  paid constant bytea := decode(asked->'payment'->>'outpoint', 'hex');
  terms portcullis.payment_quote%rowtype;
  holder text;
  price bigint;
begin
  select * into strict terms from portcullis.payment_quote q where q.prefix = asked->'payment'->>'prefix';
  holder := coalesce(asked->'payment'->>'holder', terms.payer, terms.organisation);
  -- Uses before accounts, everywhere.
  if asked ? 'uses' then perform portcullis.use_up(asked->'uses'); end if;
  -- What is in a block is money, whoever it is from: refused, it would be lost to who paid it.
  if not asked ? 'topUp' and exists (select from portcullis.account a where a.organisation = holder and a.debt > 0)
    and not exists (select from jsonb_array_elements(asked->'transactions') t
      where t->>'txid' = encode(substring(paid from 1 for 32), 'hex') and t ? 'bump') then
    perform portcullis.refuse('payment-debt-open', 'a payment of before was refused by the network');
  end if;
  if asked ? 'exposure' then perform portcullis.bound_exposure(holder, asked->'exposure'); end if;
  price := case when asked ? 'topUp' then 0 else least(terms.satoshis, (asked->>'charged')::bigint) end;
  if price <> terms.satoshis or asked->'payment' ? 'holder' then
    update portcullis.payment_claim c set charged = nullif(price, terms.satoshis), holder = asked->'payment'->>'holder' where c.outpoint = paid;
  end if;
  if (asked->'payment'->>'satoshis')::bigint = price then return; end if;
  perform portcullis.enter_account(case when asked ? 'topUp' then 'top-up' else 'overpaid' end, jsonb_build_object(
    'organisation', holder, 'identityKey', coalesce(terms.payer, terms.identity_key), 'satoshis', (asked->'payment'->>'satoshis')::bigint - price, 'key', 'payment:' || encode(paid, 'hex'),
    'plan', asked->'plan', 'method', terms.method, 'path', terms.path), null);
end $$;

create function portcullis.note_entry_leaf(tenant text, entered text, place bigint) returns void language sql as $$
  update portcullis.account_entry e set leaf_index = place where e.organisation = tenant and e.key = entered and e.leaf_index is null
$$;

create function portcullis.note_change_leaf(asked jsonb, place bigint) returns void language sql as $$
  select portcullis.note_entry_leaf(portcullis.account_of(c), 'payment:' || encode(c.outpoint, 'hex'), place) from portcullis.payment_claim c
    where c.outpoint = decode(asked->'payment'->>'outpoint', 'hex')
$$;

create function portcullis.begin_service(tenant text, taken text, amount bigint, ends timestamptz, counted jsonb) returns void language sql as $$
  insert into portcullis.unserved as u (organisation, key, satoshis, attempts, until, uses) values (tenant, taken, amount, 1, ends, counted)
    on conflict (organisation, key) do update set attempts = u.attempts + 1
$$;

create or replace function portcullis.claim_payment(asked jsonb) returns text language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  paid constant bytea := decode(asked->'payment'->>'outpoint', 'hex');
  taken constant text := 'payment:' || encode(paid, 'hex');
  grace constant interval := (asked->>'graceMs')::float8 * interval '1 millisecond';
  is_replayed boolean;
  terms portcullis.payment_quote%rowtype;
  holder text;
  place bigint;
begin
  perform portcullis.share_ledger();
  is_replayed := portcullis.take_payment(asked, null);
  select * into strict terms from portcullis.payment_quote q where q.prefix = asked->'payment'->>'prefix';
  holder := coalesce(asked->'payment'->>'holder', terms.payer, terms.organisation);
  if is_replayed then
    -- What was served once is served again, and nobody waits for it. First: it waits for whoever gives it back now, and what that did is seen then.
    update portcullis.unserved u set attempts = u.attempts + 1 where u.organisation = holder and u.key = taken;
    if exists (select from portcullis.account_entry e where e.organisation = holder and e.key = 'credit:' || taken) then
      perform portcullis.refuse('payment-credited', portcullis.wire(paid));
    end if;
    return 'replayed';
  end if;
  -- The account before the transactions, as in THE COMMIT.
  perform portcullis.keep_change(asked);
  if asked ? 'serve' then
    perform portcullis.begin_service(holder, taken, least(terms.satoshis, (asked->>'charged')::bigint), terms.expires_at + grace, asked->'uses');
  end if;
  perform portcullis.store_transactions(asked->'transactions', substring(paid from 1 for 32));
  perform portcullis.claim_spends(asked->'spends');
  perform portcullis.check_reserved(asked);
  perform count(*) from portcullis.empty_baskets(asked->'spends');
  perform portcullis.file_outbox(asked->'outbox', tenant, null);
  perform portcullis.settle_proven(asked->'transactions', asked->'mined');
  place := portcullis.append_audit_leaf(tenant, decode(asked->>'leaf', 'hex'));
  update portcullis.payment_claim c set leaf_index = place where c.outpoint = paid;
  perform portcullis.note_entry_leaf(holder, taken, place);
  return 'claimed';
end $$;

-- For what changes nothing else. The same key finds what was drawn, for graceMs.
create function portcullis.draw_alone(asked jsonb) returns text language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  taken constant text := asked->'draw'->>'key';
  grace constant interval := (asked->>'graceMs')::float8 * interval '1 millisecond';
  held portcullis.account_entry%rowtype;
  place bigint;
begin
  perform portcullis.share_ledger();
  -- Uses are locked before accounts everywhere; what is there already needs neither.
  select * into held from portcullis.account_entry e where e.organisation = tenant and e.key = taken;
  if not found then
    begin
      perform portcullis.draw(asked);
    exception when sqlstate 'PC001' then
      -- Somebody else drew for it in between.
      select * into held from portcullis.account_entry e where e.organisation = tenant and e.key = taken;
      if not found then raise; end if;
    end;
  end if;
  if held.key is not null then
    update portcullis.unserved u set attempts = u.attempts + 1 where u.organisation = tenant and u.key = taken;
    if exists (select from portcullis.account_entry e where e.organisation = tenant and e.key = 'credit:' || taken) then
      perform portcullis.refuse('payment-credited', 'what was drawn is back in the account');
    end if;
    if held.at + grace <= clock_timestamp() then perform portcullis.refuse('payment-already-spent', 'it was drawn for too long ago'); end if;
    return 'replayed';
  end if;
  if asked ? 'serve' then perform portcullis.begin_service(tenant, taken, (asked->'draw'->>'satoshis')::bigint, clock_timestamp() + grace, asked->'draw'->'uses'); end if;
  place := portcullis.record_act('drawn', tenant, taken, decode(asked->>'leaf', 'hex'));
  perform portcullis.note_entry_leaf(tenant, taken, place);
  return 'drawn';
end $$;

-- [{organisation, key}] that were served.
create function portcullis.end_service(list jsonb) returns void language plpgsql as $$
declare given record;
begin
  for given in select s->>'organisation' as organisation, s->>'key' as key from jsonb_array_elements(list) s order by 1, 2 loop
    delete from portcullis.unserved u where u.organisation = given.organisation and u.key = given.key;
  end loop;
end $$;

-- A request that failed gives the money back when no other is at it and none was served; one that found its end, whatever became of it. Answers whether.
create function portcullis.credit_unserved(asked jsonb) returns boolean language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  taken constant text := asked->>'key';
  held portcullis.unserved%rowtype;
  counted record;
  place bigint;
begin
  perform portcullis.share_ledger();
  select * into held from portcullis.unserved u where u.organisation = tenant and u.key = taken for update;
  if not found then return false; end if;
  if held.until > clock_timestamp() then
    -- Who sweeps is no request that was at it.
    if asked ? 'swept' then return false; end if;
    if held.attempts > 1 then
      update portcullis.unserved u set attempts = held.attempts - 1 where u.organisation = tenant and u.key = taken;
      return false;
    end if;
  end if;
  delete from portcullis.unserved u where u.organisation = tenant and u.key = taken;
  -- What was not had counts for nothing. Before the account, as everywhere.
  for counted in
    select u->>'organisation' as organisation, u->>'counter' as counter, (u->>'starts')::timestamptz as starts, (u->>'quantity')::bigint as quantity
    from jsonb_array_elements(coalesce(held.uses, '[]')) u order by 1, 2, 3
  loop
    update portcullis.account_use a set used = greatest(0, a.used - counted.quantity)
      where a.organisation = counted.organisation and a.counter = counted.counter and a.starts = counted.starts;
  end loop;
  if held.satoshis = 0 then return false; end if;
  if not portcullis.enter_account('credit', asked || jsonb_build_object('satoshis', held.satoshis, 'key', 'credit:' || taken), null) then return false; end if;
  place := portcullis.record_act('credited', tenant, taken, decode(asked->>'leaf', 'hex'));
  perform portcullis.note_entry_leaf(tenant, 'credit:' || taken, place);
  return true;
end $$;

-- A payment that the network refuses after it was taken is owed from then on. By its settlement, so that no way there is without it.
create function portcullis.owe_retracted() returns trigger language plpgsql as $$
begin
  perform portcullis.enter_account('debt', jsonb_build_object('organisation', portcullis.account_of(new), 'identityKey', new.identity_key, 'satoshis', new.satoshis,
    'key', 'debt:' || encode(new.outpoint, 'hex')), null);
  return null;
end $$;
create trigger payment_claim_owed after update of settlement on portcullis.payment_claim for each row
  when (new.settlement = 'retracted' and old.settlement <> 'retracted') execute function portcullis.owe_retracted();

-- Paid for, or drawn for under this key, and not given back.
create function portcullis.is_request_paid(tenant text, asker text, digest bytea, drawn text) returns boolean language sql stable as $$
  select exists (
    select from (select h.* from portcullis.payment_claim h where h.identity_key = asker and h.request_digest = digest offset 0) c
      left join lateral (select true as there from portcullis.account_entry e where e.organisation = portcullis.account_of(c)
        and e.key = 'credit:payment:' || encode(c.outpoint, 'hex') offset 0) back on true
      where c.settlement <> 'retracted' and back.there is null
    union all
    select from (select h.* from portcullis.account_entry h where h.organisation = tenant and h.key = drawn offset 0) d
      left join lateral (select true as there from portcullis.account_entry e where e.organisation = tenant and e.key = 'credit:' || drawn offset 0) back on true
      where back.there is null)
$$;

-- A debt of before there were accounts is owed too.
select portcullis.enter_account('debt', jsonb_build_object('organisation', portcullis.account_of(c), 'identityKey', c.identity_key, 'satoshis', c.satoshis,
    'key', 'debt:' || encode(c.outpoint, 'hex')), null)
  from portcullis.payment_claim c where c.settlement = 'retracted';
`;

/** Accounts: ops/decisions/0055. */
export const ACCOUNTS = `
create function portcullis.lock_account(tenant text) returns portcullis.account language plpgsql as $$
declare held portcullis.account%rowtype;
begin
  select * into held from portcullis.account a where a.organisation = tenant for update;
  if not found then
    insert into portcullis.account (organisation) values (tenant) on conflict do nothing;
    select * into strict held from portcullis.account a where a.organisation = tenant for update;
  end if;
  return held;
end $$;

-- False where this key was entered before: then nothing is. Its account is locked from here on.
create function portcullis.enter_account(kind text, asked jsonb, place bigint) returns boolean language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  amount constant bigint := (asked->>'satoshis')::bigint;
  credit constant bigint := coalesce((asked->>'creditLimit')::bigint, 0);
  held portcullis.account%rowtype;
  change bigint;
  due bigint := 0;
begin
  if amount < 0 then raise exception 'an entry of % satoshis', amount; end if;
  held := portcullis.lock_account(tenant);
  if exists (select from portcullis.account_entry e where e.organisation = tenant and e.key = asked->>'key') then return false; end if;
  case kind
    when 'draw' then
      if held.debt > 0 then perform portcullis.refuse('payment-debt-open', held.debt || ' satoshis are owed'); end if;
      -- What costs nothing is given whatever is left.
      if amount > 0 and held.balance - amount < -credit then
        perform portcullis.refuse('account-exhausted', held.balance || ' satoshis are there, and ' || amount || ' are asked');
      end if;
      change := -amount;
    when 'debt' then
      change := 0;
      due := amount;
    else
      -- What is owed is paid before anything is kept for later.
      due := -least(held.debt, amount);
      change := amount + due;
  end case;
  update portcullis.account a set balance = held.balance + change, debt = held.debt + due, entries = held.entries + 1 where a.organisation = tenant;
  insert into portcullis.account_entry (organisation, seq, kind, satoshis, owed, balance_after, debt_after, credit_limit, key, identity_key, plan, method, path,
      leaf_index)
    values (tenant, held.entries + 1, enter_account.kind, change, due, held.balance + change, held.debt + due, credit, asked->>'key', asked->>'identityKey',
      asked->>'plan', asked->>'method', asked->>'path', place);
  return true;
end $$;

-- [{organisation, counter, starts, ends, quantity, granted?}]: counted up, within what is granted.
create function portcullis.use_up(uses jsonb) returns void language plpgsql as $$
declare asked record;
begin
  for asked in
    select u->>'organisation' as organisation, u->>'counter' as counter, (u->>'starts')::timestamptz as starts, (u->>'ends')::timestamptz as ends,
      (u->>'quantity')::bigint as quantity, (u->>'granted')::bigint as granted
    from jsonb_array_elements(uses) u order by 1, 2, 3
  loop
    if asked.quantity < 0 then raise exception 'a use of %', asked.quantity; end if;
    if asked.quantity <= coalesce(asked.granted, asked.quantity) then
      insert into portcullis.account_use as held (organisation, counter, starts, ends, used, granted)
        values (asked.organisation, asked.counter, asked.starts, asked.ends, asked.quantity, asked.granted)
        on conflict (organisation, counter, starts) do update set used = held.used + excluded.used, granted = excluded.granted
          where excluded.granted is null or held.used + excluded.used <= excluded.granted;
      continue when found;
    end if;
    perform portcullis.refuse('account-exhausted', 'the allowance ' || asked.counter || ' is used up');
  end loop;
end $$;

-- asked->'draw': {key, satoshis, creditLimit, plan, method, path, uses}. Refuses what was drawn for before; who may be asked twice looks first.
create function portcullis.draw(asked jsonb) returns void language plpgsql as $$
declare given constant jsonb := asked->'draw';
begin
  if given ? 'uses' then perform portcullis.use_up(given->'uses'); end if;
  if not portcullis.enter_account('draw', given || jsonb_build_object('organisation', asked->'organisation', 'identityKey', asked->'identityKey'), null) then
    perform portcullis.refuse('idempotency-conflict', 'this was drawn for');
  end if;
end $$;

-- Whose account a payment is of: of who paid, where that is not who asked.
create function portcullis.account_of(paid portcullis.payment_claim) returns text language sql stable as $$
  select coalesce(q.payer, q.organisation) from portcullis.payment_quote q where q.prefix = paid.prefix
$$;

-- asked->'exposure': {payerMax?, totalMax?}, satoshis of payments that the network has not accepted, this one included. Decided one after another: of one payer
-- under the lock of its account, of all under one lock that is taken where there is such a bound.
create function portcullis.bound_exposure(holder text, exposure jsonb) returns void language plpgsql as $$
declare
  exposed bigint;
begin
  if exposure ? 'totalMax' then
    perform pg_advisory_xact_lock(7364954);
    select sum(c.satoshis) into exposed from portcullis.payment_claim c where c.settlement = 'applied';
    if exposed > (exposure->>'totalMax')::bigint then perform portcullis.refuse('payment-exposed', 'by all payers together'); end if;
  end if;
  if exposure ? 'payerMax' then
    perform portcullis.lock_account(holder);
    select sum(c.satoshis) into exposed from portcullis.payment_claim c
      where c.settlement = 'applied' and c.organisation in (holder, 'public') and portcullis.account_of(c) = holder;
    if exposed > (exposure->>'payerMax')::bigint then perform portcullis.refuse('payment-exposed', 'by this payer'); end if;
  end if;
end $$;

-- What was paid above the price is the payer's, and what is paid ahead is all of it. Where the terms were a ceiling, asked->'charged' is the price. The claim
-- was made in this transaction.
create function portcullis.keep_change(asked jsonb) returns void language plpgsql as $$
declare
  paid constant bytea := decode(asked->'payment'->>'outpoint', 'hex');
  terms portcullis.payment_quote%rowtype;
  price bigint;
begin
  select * into strict terms from portcullis.payment_quote q where q.prefix = asked->'payment'->>'prefix';
  if asked ? 'exposure' then perform portcullis.bound_exposure(coalesce(terms.payer, terms.organisation), asked->'exposure'); end if;
  price := case when asked ? 'topUp' then 0 else least(terms.satoshis, (asked->>'charged')::bigint) end;
  if price <> terms.satoshis then update portcullis.payment_claim c set charged = price where c.outpoint = paid; end if;
  if asked ? 'uses' then perform portcullis.use_up(asked->'uses'); end if;
  if (asked->'payment'->>'satoshis')::bigint = price then return; end if;
  perform portcullis.enter_account(case when asked ? 'topUp' then 'top-up' else 'overpaid' end, jsonb_build_object(
    'organisation', coalesce(terms.payer, terms.organisation), 'identityKey', coalesce(terms.payer, terms.identity_key), 'satoshis', (asked->'payment'->>'satoshis')::bigint - price, 'key', 'payment:' || encode(paid, 'hex'),
    'plan', asked->'plan', 'method', terms.method, 'path', terms.path), null);
end $$;

create function portcullis.note_entry_leaf(tenant text, entered text, place bigint) returns void language sql as $$
  update portcullis.account_entry e set leaf_index = place where e.organisation = tenant and e.key = entered and e.leaf_index is null
$$;

create function portcullis.note_change_leaf(asked jsonb, place bigint) returns void language sql as $$
  select portcullis.note_entry_leaf(portcullis.account_of(c), 'payment:' || encode(c.outpoint, 'hex'), place) from portcullis.payment_claim c
    where c.outpoint = decode(asked->'payment'->>'outpoint', 'hex')
$$;

create function portcullis.begin_service(tenant text, taken text, amount bigint, ends timestamptz) returns void language sql as $$
  insert into portcullis.unserved as u (organisation, key, satoshis, attempts, until) values (tenant, taken, amount, 1, ends)
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
  holder := coalesce(terms.payer, terms.organisation);
  if is_replayed then
    if exists (select from portcullis.account_entry e where e.organisation = holder and e.key = 'credit:' || taken) then
      perform portcullis.refuse('payment-credited', portcullis.wire(paid));
    end if;
    -- What was served once is served again, and nobody waits for it.
    update portcullis.unserved u set attempts = u.attempts + 1 where u.organisation = holder and u.key = taken;
    return 'replayed';
  end if;
  perform portcullis.store_transactions(asked->'transactions', substring(paid from 1 for 32));
  perform portcullis.claim_spends(asked->'spends');
  perform portcullis.check_reserved(asked);
  perform count(*) from portcullis.empty_baskets(asked->'spends');
  perform portcullis.keep_change(asked);
  if asked ? 'serve' then
    perform portcullis.begin_service(holder, taken, least(terms.satoshis, (asked->>'charged')::bigint), terms.expires_at + grace);
  end if;
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
    if exists (select from portcullis.account_entry e where e.organisation = tenant and e.key = 'credit:' || taken) then
      perform portcullis.refuse('payment-credited', 'what was drawn is back in the account');
    end if;
    if held.at + grace <= clock_timestamp() then perform portcullis.refuse('payment-already-spent', 'it was drawn for too long ago'); end if;
    update portcullis.unserved u set attempts = u.attempts + 1 where u.organisation = tenant and u.key = taken;
    return 'replayed';
  end if;
  if asked ? 'serve' then perform portcullis.begin_service(tenant, taken, (asked->'draw'->>'satoshis')::bigint, clock_timestamp() + grace); end if;
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
  place bigint;
begin
  perform portcullis.share_ledger();
  select * into held from portcullis.unserved u where u.organisation = tenant and u.key = taken for update;
  if not found then return false; end if;
  if held.until > clock_timestamp() and held.attempts > 1 then
    update portcullis.unserved u set attempts = held.attempts - 1 where u.organisation = tenant and u.key = taken;
    return false;
  end if;
  if held.until > clock_timestamp() and asked ? 'swept' then return false; end if;
  delete from portcullis.unserved u where u.organisation = tenant and u.key = taken;
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

-- How an account stands, and what is used of each of these counters: [{organisation, counter, starts}], in their order.
create function portcullis.read_account(tenant text, counters jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('balance', coalesce(a.balance, 0), 'debt', coalesce(a.debt, 0), 'used', coalesce((
    select jsonb_agg(coalesce(held.used, 0) order by c.place) from jsonb_array_elements(counters) with ordinality c (asked, place)
    left join lateral (select u.used from portcullis.account_use u where u.organisation = c.asked->>'organisation' and u.counter = c.asked->>'counter'
      and u.starts = (c.asked->>'starts')::timestamptz offset 0) held on true), '[]'))
  from (select tenant as organisation) one left join lateral (
    select h.balance, h.debt from portcullis.account h where h.organisation = one.organisation offset 0) a on true
$$;

-- Paid for, or drawn for under this key, and not given back.
create function portcullis.is_request_paid(tenant text, payer text, digest bytea, drawn text) returns boolean language sql stable as $$
  select exists (
    select from (select h.* from portcullis.payment_claim h where h.identity_key = payer and h.request_digest = digest offset 0) c
      left join lateral (select true as there from portcullis.account_entry e where e.organisation = portcullis.account_of(c)
        and e.key = 'credit:payment:' || encode(c.outpoint, 'hex') offset 0) back on true
      where c.settlement <> 'retracted' and back.there is null
    union all
    select from (select h.* from portcullis.account_entry h where h.organisation = tenant and h.key = drawn offset 0) d
      left join lateral (select true as there from portcullis.account_entry e where e.organisation = tenant and e.key = 'credit:' || drawn offset 0) back on true
      where back.there is null)
$$;

-- The next version of a plan. It takes effect when every replica knows it, and not before the version that it follows.
create function portcullis.publish_plan(asked jsonb) returns jsonb language plpgsql as $$
declare
  named constant text := asked->>'name';
  tenant constant text := asked->>'organisation';
  starts constant timestamptz := greatest((asked->>'from')::timestamptz, clock_timestamp() + (asked->>'leadMs')::float8 * interval '1 millisecond');
  last portcullis.plan%rowtype;
  place bigint;
begin
  perform pg_advisory_xact_lock(7364953, hashtext(named));
  select * into last from portcullis.plan p where p.name = named order by p.version desc limit 1;
  if last.organisation <> tenant then perform portcullis.refuse('plan-conflict', 'this name is another''s'); end if;
  if last.effective_from > starts then
    perform portcullis.refuse('plan-conflict', 'version ' || last.version || ' takes effect later, at ' || last.effective_from);
  end if;
  place := portcullis.record_act('plan-published', tenant, named || '@' || coalesce(last.version, 0) + 1, decode(asked->>'leaf', 'hex'));
  insert into portcullis.plan (name, version, organisation, identity_key, effective_from, definition, leaf_index)
    values (named, coalesce(last.version, 0) + 1, tenant, asked->>'identityKey', starts, asked->'definition', place);
  return jsonb_build_object('version', coalesce(last.version, 0) + 1, 'effectiveFrom', starts, 'auditLeaf', place);
end $$;

-- A debt of before there were accounts is owed too.
select portcullis.enter_account('debt', jsonb_build_object('organisation', portcullis.account_of(c), 'identityKey', c.identity_key, 'satoshis', c.satoshis,
    'key', 'debt:' || encode(c.outpoint, 'hex')), null)
  from portcullis.payment_claim c where c.settlement = 'retracted';
`;

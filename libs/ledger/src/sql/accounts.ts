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

-- How an account stands, and what is used of each of these counters: [{organisation, counter, starts}], in their order.
-- asker and digest: whether a payment has come for terms of this request that are open.
create function portcullis.read_account(tenant text, counters jsonb, asker text, digest bytea) returns jsonb language sql stable as $$
  select jsonb_build_object('balance', coalesce(a.balance, 0), 'debt', coalesce(a.debt, 0), 'isPaymentSeen', exists (
    select from (select h.* from portcullis.payment_quote h where h.identity_key = asker and h.request_digest = digest and h.claimed_at is null
      and not h.superseded offset 0) q where q.payment_seen is not null and q.expires_at > now()), 'used', coalesce((
    select jsonb_agg(coalesce(held.used, 0) order by c.place) from jsonb_array_elements(counters) with ordinality c (asked, place)
    left join lateral (select u.used from portcullis.account_use u where u.organisation = c.asked->>'organisation' and u.counter = c.asked->>'counter'
      and u.starts = (c.asked->>'starts')::timestamptz offset 0) held on true), '[]'))
  from (select tenant as organisation) one left join lateral (
    select h.balance, h.debt from portcullis.account h where h.organisation = one.organisation offset 0) a on true
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
  perform pg_advisory_xact_lock(7364958, hashtext(named));
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
`;

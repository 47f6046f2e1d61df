/** A migration says what it said when it was released, whatever becomes of the numbers of the core. */
/** In force or to come: all of them are asked for in each handshake. */
const TRUST_RULES_MAX = 128;
const TRUST_PINS_MAX = 64;
const TRUST_PROPOSALS_MAX = 64;

/** What a change does once enough agree. All of it under the lock of the registry, so that two changes never judge the same rows at once. */
const EFFECTS = `
-- In force, or will be: what begins at one moment and ends at another meets it there.
create function portcullis.begin_trust_rule(change portcullis.trust_change, rule jsonb, since timestamptz, til timestamptz, configured jsonb)
returns void language plpgsql as $$
declare
  asked constant text[] := array(select jsonb_array_elements_text(rule->'fields'));
begin
  if exists (select from jsonb_array_elements(configured) c where c->>'certifier' = rule->>'certifier' and c->>'type' = rule->>'type') then
    perform portcullis.refuse('trust-rule-conflict', 'the configuration of this gateway has a rule for this type of this certifier');
  end if;
  if exists (select from portcullis.trust_rule r where r.organisation = change.organisation and r.certifier = rule->>'certifier' and r.type = rule->>'type'
      and r.valid_from < til and r.valid_until > since and r.valid_from < r.valid_until) then
    perform portcullis.refuse('trust-rule-conflict', 'there is a rule for this type of this certifier; end it at this moment or before');
  end if;
  -- BRC-103 asks for fields by type alone: with two lists, more would be asked of somebody than is needed.
  if exists (select from jsonb_array_elements(configured) c where c->>'type' = rule->>'type' and c->'fields' <> rule->'fields')
      or exists (select from portcullis.trust_rule r where r.organisation = change.organisation and r.type = rule->>'type' and r.fields <> asked
        and r.valid_from < til and r.valid_until > since and r.valid_from < r.valid_until) then
    perform portcullis.refuse('trust-rule-conflict', 'another rule asks for other fields of this type');
  end if;
  if (select count(*) from portcullis.trust_rule r where r.organisation = change.organisation and r.valid_until > change.took_effect_at
      and r.valid_from < r.valid_until) >= ${TRUST_RULES_MAX} then
    perform portcullis.refuse('trust-limit-exceeded', 'an organisation has ${TRUST_RULES_MAX} rules at most');
  end if;
  insert into portcullis.trust_rule (organisation, certifier, type, fields, revocable, endorsement, gateway, speaks_for, valid_from, valid_until, change_id)
    values (change.organisation, rule->>'certifier', rule->>'type', asked, (rule->>'revocable')::boolean, rule->>'endorsement',
      rule->>'gateway', rule->>'speaksFor', since, til, change.id);
end $$;

create function portcullis.end_trust_of(change portcullis.trust_change, signer text, name text) returns void language sql as $$
  update portcullis.trust_rule r set valid_until = greatest(r.valid_from, change.took_effect_at), ended_by = change.id
    where r.organisation = change.organisation and r.gateway = signer and r.speaks_for = name and r.valid_until > change.took_effect_at
$$;

-- Asked when it is proposed and again when it takes effect: another may have come between, or the pin has ended.
create function portcullis.check_trust_import(change portcullis.trust_change, moment timestamptz) returns timestamptz language plpgsql as $$
declare
  bundle constant jsonb := change.content::jsonb->'bundle';
  pinned_until timestamptz;
begin
  select p.valid_until into pinned_until from portcullis.trust_pin p where p.organisation = change.organisation and p.gateway = bundle->>'issuer'
    and p.speaks_for = bundle->>'organisation' and p.valid_from <= moment and p.valid_until > moment;
  if not found then perform portcullis.refuse('trust-bundle-unpinned', 'no pin lets this gateway speak for this organisation at this moment'); end if;
  -- Its life is bounded from its issue, which its issuer says itself.
  if (bundle->>'issuedAt')::timestamptz > clock_timestamp() + interval '10 minutes' then
    perform portcullis.refuse('trust-bundle-malformed', 'it says that it was issued in the future');
  end if;
  if (bundle->>'expiresAt')::timestamptz <= moment then perform portcullis.refuse('trust-bundle-expired', 'it will have expired at the moment of the change'); end if;
  if exists (select from portcullis.trust_source s where s.organisation = change.organisation and s.gateway = bundle->>'issuer'
      and s.speaks_for = bundle->>'organisation' and s.sequence >= (bundle->>'sequence')::bigint) then
    perform portcullis.refuse('trust-bundle-stale', 'a bundle of this issuer with this sequence number or a later one was imported before');
  end if;
  return least(pinned_until, (bundle->>'expiresAt')::timestamptz);
end $$;

-- All that this issuer said of this organisation before ends at the moment at which the new begins.
create function portcullis.import_trust(change portcullis.trust_change, configured jsonb) returns void language plpgsql as $$
declare
  bundle constant jsonb := change.content::jsonb->'bundle';
  latest constant timestamptz := portcullis.check_trust_import(change, change.took_effect_at);
  source constant jsonb := jsonb_build_object('gateway', bundle->>'issuer', 'speaksFor', bundle->>'organisation');
  rule jsonb;
  since timestamptz;
  til timestamptz;
begin
  perform portcullis.end_trust_of(change, bundle->>'issuer', bundle->>'organisation');
  for rule in select r from jsonb_array_elements(bundle->'rules') r loop
    since := greatest((rule->>'from')::timestamptz, change.took_effect_at);
    til := least((rule->>'until')::timestamptz, latest);
    continue when til <= since;
    perform portcullis.begin_trust_rule(change, rule || source, since, til, configured);
  end loop;
  insert into portcullis.trust_source as s (organisation, gateway, speaks_for, sequence)
    values (change.organisation, bundle->>'issuer', bundle->>'organisation', (bundle->>'sequence')::bigint)
    on conflict (organisation, gateway, speaks_for) do update set sequence = excluded.sequence;
end $$;

create function portcullis.pin_trust(change portcullis.trust_change) returns void language plpgsql as $$
declare
  asked constant jsonb := change.content::jsonb;
begin
  if exists (select from portcullis.trust_pin p where p.organisation = change.organisation and p.gateway = asked->>'gateway'
      and p.speaks_for = asked->>'organisation' and p.valid_until > change.took_effect_at and p.valid_from < p.valid_until) then
    perform portcullis.refuse('trust-rule-conflict', 'this gateway is pinned for this organisation');
  end if;
  if (select count(*) from portcullis.trust_pin p where p.organisation = change.organisation and p.valid_until > change.took_effect_at
      and p.valid_from < p.valid_until) >= ${TRUST_PINS_MAX} then
    perform portcullis.refuse('trust-limit-exceeded', 'an organisation has ${TRUST_PINS_MAX} pins at most');
  end if;
  insert into portcullis.trust_pin (organisation, gateway, speaks_for, valid_from, valid_until, change_id)
    values (change.organisation, asked->>'gateway', asked->>'organisation', change.took_effect_at, 'infinity', change.id);
end $$;

-- What came by a pin goes with it.
create function portcullis.end_trust(change portcullis.trust_change) returns void language plpgsql as $$
declare
  asked constant uuid := (change.content::jsonb->>'id')::uuid;
  pin portcullis.trust_pin%rowtype;
begin
  update portcullis.trust_rule r set valid_until = greatest(r.valid_from, change.took_effect_at), ended_by = change.id
    where r.id = asked and r.organisation = change.organisation and r.valid_until > change.took_effect_at and r.valid_until > r.valid_from;
  if found then return; end if;
  update portcullis.trust_pin p set valid_until = greatest(p.valid_from, change.took_effect_at), ended_by = change.id
    where p.id = asked and p.organisation = change.organisation and p.valid_until > change.took_effect_at and p.valid_until > p.valid_from returning * into pin;
  if not found then perform portcullis.refuse('trust-rule-unknown', 'no rule and no pin of this id is in force at the moment of the change'); end if;
  perform portcullis.end_trust_of(change, pin.gateway, pin.speaks_for);
end $$;
`;

const ACTS = `
create function portcullis.lock_trust(tenant text) returns void language plpgsql as $$
begin
  insert into portcullis.trust_registry (organisation) values (tenant) on conflict do nothing;
  perform from portcullis.trust_registry t where t.organisation = tenant for update;
end $$;

-- Moments are whole milliseconds, as they are told; none is over when it is written.
create function portcullis.trust_moment(asked timestamptz) returns timestamptz language sql volatile as $$
  select greatest(asked, date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond')
$$;

-- Takes effect when as many agree as were needed when it was proposed, or are needed now, whichever is more.
create function portcullis.settle_trust(asked jsonb) returns void language plpgsql as $$
declare
  change portcullis.trust_change%rowtype;
  configured constant jsonb := asked->'configured';
begin
  select * into strict change from portcullis.trust_change c where c.id = (asked->>'id')::uuid;
  if (select count(*) from portcullis.trust_approval a where a.change_id = change.id) < greatest(change.approvals_needed, (asked->>'needed')::int) then return; end if;
  update portcullis.trust_change c set agreed_at = clock_timestamp(), took_effect_at = portcullis.trust_moment(c.effective_at)
    where c.id = change.id returning * into change;
  case change.kind
    when 'add' then
      if coalesce((change.content::jsonb->>'until')::timestamptz, 'infinity') <= change.took_effect_at then
        perform portcullis.refuse('trust-change-late', 'the rule would end before it begins');
      end if;
      perform portcullis.begin_trust_rule(change, change.content::jsonb, change.took_effect_at,
        coalesce((change.content::jsonb->>'until')::timestamptz, 'infinity'), configured);
    when 'pin' then perform portcullis.pin_trust(change);
    when 'import' then perform portcullis.import_trust(change, configured);
    when 'end' then perform portcullis.end_trust(change);
  end case;
  -- What is answered as in force is: the moment that was rounded up has come.
  if change.took_effect_at < clock_timestamp() + interval '1 millisecond' then perform pg_sleep(0.001); end if;
end $$;

create function portcullis.propose_trust(asked jsonb) returns void language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  change portcullis.trust_change%rowtype;
begin
  perform portcullis.lock_trust(tenant);
  if (select count(*) from portcullis.trust_change c where c.organisation = tenant and c.agreed_at is null and c.withdrawn_at is null) >= ${TRUST_PROPOSALS_MAX} then
    perform portcullis.refuse('trust-limit-exceeded', '${TRUST_PROPOSALS_MAX} changes wait at most; agree to some, or withdraw them');
  end if;
  insert into portcullis.trust_change (id, organisation, kind, content, proposed_by, proposed_at, proposed_leaf, effective_at, approvals_needed)
    values ((asked->>'id')::uuid, tenant, asked->>'kind', asked->>'content', asked->>'identityKey', clock_timestamp(),
      portcullis.record_act('trust-proposed', tenant, asked->>'id', decode(asked->>'leaf', 'hex')), (asked->>'effectiveAt')::timestamptz,
      (asked->>'needed')::int) returning * into change;
  if change.kind = 'import' then perform portcullis.check_trust_import(change, portcullis.trust_moment(change.effective_at)); end if;
  insert into portcullis.trust_approval (change_id, identity_key, approved_at, leaf_index)
    values (change.id, change.proposed_by, change.proposed_at, change.proposed_leaf);
  perform portcullis.settle_trust(asked);
end $$;

create function portcullis.find_trust_change(asked jsonb) returns portcullis.trust_change language plpgsql as $$
declare
  change portcullis.trust_change%rowtype;
begin
  perform portcullis.lock_trust(asked->>'organisation');
  select * into change from portcullis.trust_change c where c.id = (asked->>'id')::uuid and c.organisation = asked->>'organisation';
  if not found then perform portcullis.refuse('trust-change-unknown', 'no such change of this organisation'); end if;
  return change;
end $$;

-- The same identity again changes nothing and is no act.
create function portcullis.approve_trust(asked jsonb) returns void language plpgsql as $$
declare
  change portcullis.trust_change%rowtype;
begin
  change := portcullis.find_trust_change(asked);
  if change.withdrawn_at is not null then perform portcullis.refuse('trust-change-ended', 'it was withdrawn'); end if;
  if exists (select from portcullis.trust_approval a where a.change_id = change.id and a.identity_key = asked->>'identityKey') then return; end if;
  if change.agreed_at is not null then perform portcullis.refuse('trust-change-ended', 'enough have agreed before'); end if;
  insert into portcullis.trust_approval (change_id, identity_key, approved_at, leaf_index)
    values (change.id, asked->>'identityKey', clock_timestamp(),
      portcullis.record_act('trust-approved', change.organisation, asked->>'id', decode(asked->>'leaf', 'hex')));
  perform portcullis.settle_trust(asked);
end $$;

create function portcullis.withdraw_trust(asked jsonb) returns void language plpgsql as $$
declare
  change portcullis.trust_change%rowtype;
begin
  change := portcullis.find_trust_change(asked);
  if change.agreed_at is not null then perform portcullis.refuse('trust-change-ended', 'enough have agreed; end what it began'); end if;
  if change.withdrawn_at is not null then return; end if;
  update portcullis.trust_change c set withdrawn_by = asked->>'identityKey', withdrawn_at = clock_timestamp(),
      withdrawn_leaf = portcullis.record_act('trust-withdrawn', c.organisation, asked->>'id', decode(asked->>'leaf', 'hex'))
    where c.id = change.id;
end $$;
`;

/** No change is under way while it looks: of two bundles the one with the greater number says what came later. */
const EXPORT = `
create function portcullis.export_trust(tenant text, most int) returns jsonb language plpgsql as $$
declare
  clock timestamptz;
begin
  perform from portcullis.trust_registry t where t.organisation = tenant for share;
  clock := clock_timestamp();
  return jsonb_build_object('now', clock, 'sequence', floor(extract(epoch from clock) * 1000000)::bigint, 'rules', coalesce((
    select jsonb_agg(jsonb_build_object('certifier', r.certifier, 'type', r.type, 'fields', r.fields, 'revocable', r.revocable, 'endorsement', r.endorsement,
        'from', r.valid_from, 'until', nullif(r.valid_until, 'infinity')) order by r.type, r.certifier)
      from (select * from portcullis.trust_rule o where o.organisation = tenant and o.valid_until > clock and o.valid_from < o.valid_until
        and num_nulls(o.gateway) = 1 and o.endorsement is not null order by o.type, o.certifier limit most) r), '[]'));
end $$;
`;

export const TRUST = `${EFFECTS}${ACTS}${EXPORT}`;

import type { Invariant } from './invariant';

/** As the core writes the one fact of a proposal or an approval: see hashState. */
const FACT = `(select sha256(int4send(octet_length(f.fact)) || f.fact)
  from (select convert_to(c.kind || ' ' || c.id || ' ' || encode(sha256(convert_to(c.content, 'UTF8')), 'hex') || ' '
    || coalesce(to_char(c.effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'at once'), 'UTF8') as fact) f)`;

const TRUST = `
select 'two rules for a type of one certifier at once: ' || a.organisation || ' ' || a.certifier as violation from portcullis.trust_rule a
  join portcullis.trust_rule b on b.organisation = a.organisation and b.certifier = a.certifier and b.type = a.type and b.id > a.id
    and b.valid_from < a.valid_until and b.valid_until > a.valid_from
  where a.valid_from < a.valid_until and b.valid_from < b.valid_until
union all
select 'a type asks for two lists of fields at once: ' || a.organisation || ' ' || a.type from portcullis.trust_rule a
  join portcullis.trust_rule b on b.organisation = a.organisation and b.type = a.type and b.id > a.id and b.fields <> a.fields
    and b.valid_from < a.valid_until and b.valid_until > a.valid_from
  where a.valid_from < a.valid_until and b.valid_from < b.valid_until
union all
select 'a change took effect and too few agreed: ' || c.id from portcullis.trust_change c
  where c.agreed_at is not null and (select count(*) from portcullis.trust_approval a where a.change_id = c.id) < c.approvals_needed
union all
select 'what is trusted was changed for a moment that was over: ' || r.id from (
    select id, valid_from, valid_until, change_id, ended_by from portcullis.trust_rule
    union all select id, valid_from, valid_until, change_id, ended_by from portcullis.trust_pin) r
  left join portcullis.trust_change began on began.id = r.change_id
  left join portcullis.trust_change ended on ended.id = r.ended_by
  where began.took_effect_at is null or r.valid_from < began.took_effect_at
    or (r.ended_by is not null and (ended.took_effect_at is null or r.valid_until <> greatest(r.valid_from, ended.took_effect_at)))
union all
select 'a rule came from no pinned gateway: ' || r.id from portcullis.trust_rule r
  where r.gateway is not null and r.valid_from < r.valid_until and not exists (select from portcullis.trust_pin p where p.organisation = r.organisation
    and p.gateway = r.gateway and p.speaks_for = r.speaks_for and p.valid_from <= r.valid_from and p.valid_until >= r.valid_until)
union all
select 'an agreement lacks its audit leaf, or it is of another change: ' || c.id from portcullis.trust_approval a
  join portcullis.trust_change c on c.id = a.change_id
  left join portcullis.audited_act t on t.leaf_index = a.leaf_index and t.organisation = c.organisation and t.ref = c.id::text
    and t.kind = case when a.leaf_index = c.proposed_leaf then 'trust-proposed' else 'trust-approved' end
  left join portcullis.audit_leaf l on l.index = t.leaf_index
  where l.leaf is null or substring(l.leaf from octet_length(l.leaf) - 31) <> ${FACT}
union all
select 'a withdrawal lacks its audit leaf: ' || c.id from portcullis.trust_change c
  left join portcullis.audited_act t on t.leaf_index = c.withdrawn_leaf and t.kind = 'trust-withdrawn' and t.organisation = c.organisation and t.ref = c.id::text
  where c.withdrawn_at is not null and t.leaf_index is null`;

export const TRUST_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'I20',
    sentence: 'What is trusted was agreed to by enough, begins and ends when that was known, and is audited.',
    sql: TRUST,
  },
];

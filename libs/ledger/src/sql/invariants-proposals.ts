import type { Invariant } from './invariant';

/** As the core writes the one fact of an approval: see hashState. */
const FACT = `(select sha256(int4send(octet_length(f.fact)) || f.fact) from (
    select convert_to('approval ' || a.organisation || ' ' || encode(sha256(convert_to(a.statement, 'UTF8')), 'hex'), 'UTF8') as fact) f)`;

const PROPOSALS = `
select 'a proposal and its transition are of different things: ' || p.id as violation from portcullis.proposal p
  join portcullis.transition t on t.id = p.transition_id
  where (t.organisation, t.identity_key, t.txid, t.request_key, t.request_digest) <> (p.organisation, p.identity_key, p.txid, 'proposal:' || p.id, p.terms_digest)
    or not t.topics <@ p.topics
union all
select 'a transition is of a proposal that it did not consume: ' || t.id from portcullis.transition t
  where t.request_key like 'proposal:%' and not exists (select from portcullis.proposal p where p.transition_id = t.id)
union all
select 'too few organisations approved what was submitted: ' || p.id from portcullis.proposal p where p.state = 'committed'
  and (select count(distinct n.organisation) from portcullis.proposal_count n where n.transition_id = p.transition_id and n.proposal_id = p.id
    and n.organisation = any(p.parties)) < p.needed
union all
select 'an approval was counted that is not what was signed: ' || n.proposal_id || ' ' || n.identity_key from portcullis.proposal_count n
  join portcullis.proposal_approval a on a.proposal_id = n.proposal_id and a.identity_key = n.identity_key
  join portcullis.transition t on t.id = n.transition_id
  where n.statement_hash <> sha256(convert_to(a.statement, 'UTF8')) or n.organisation <> a.organisation or a.withdrawn_at is not null
    or a.leaf_index >= t.leaf_index
union all
select 'a proposal was submitted after its deadline: ' || p.id from portcullis.proposal p join portcullis.transition t on t.id = p.transition_id
  join portcullis.audit_leaf l on l.index = t.leaf_index where l.at >= p.deadline
union all
select 'a proposal is shown to others than its parties: ' || p.id from portcullis.proposal p
  where array(select y.organisation from portcullis.proposal_party y where y.place = p.place order by 1)
    <> array(select distinct name from unnest(p.parties || p.organisation) name order by 1)
union all
select 'a proposal lacks its audit leaf: ' || p.id from portcullis.proposal p
  left join portcullis.audited_act c on c.leaf_index = p.proposed_leaf and c.kind = 'proposed' and c.organisation = p.organisation and c.ref = p.id::text
  where c.leaf_index is null
union all
select 'a withdrawal lacks its audit leaf: ' || p.id from portcullis.proposal p
  left join portcullis.audited_act c on c.leaf_index = p.withdrawn_leaf and c.kind = 'proposal-withdrawn' and c.organisation = p.organisation
    and c.ref = p.id::text
  where p.state = 'withdrawn' and c.leaf_index is null
union all
select 'an approval lacks its audit leaf, or it is of another statement: ' || a.proposal_id || ' ' || a.identity_key from portcullis.proposal_approval a
  left join portcullis.audited_act c on c.leaf_index = a.leaf_index and c.kind = 'proposal-approved' and c.organisation = a.organisation
    and c.ref = a.proposal_id::text
  left join portcullis.audit_leaf l on l.index = c.leaf_index
  where l.leaf is null or substring(l.leaf from octet_length(l.leaf) - 31) <> ${FACT}
union all
select 'the withdrawal of an approval lacks its audit leaf: ' || a.proposal_id || ' ' || a.identity_key from portcullis.proposal_approval a
  left join portcullis.audited_act c on c.leaf_index = a.withdrawn_leaf and c.kind = 'approval-withdrawn' and c.ref = a.proposal_id::text
  where a.withdrawn_at is not null and c.leaf_index is null`;

export const PROPOSAL_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'I26',
    sentence:
      'What was submitted by a proposal was approved by as many of its parties as it needed, in time, and says which statements were counted.',
    sql: PROPOSALS,
  },
];

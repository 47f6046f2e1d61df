import type { Invariant } from './invariant';
import { COUNTED_OUTPUTS } from './topic-sums';

const STATES = `
select 'topic ' || held.topic || ' says ' || held.said || ', its outputs say ' || held.counted as violation from (
    select coalesce(s.topic, c.topic, a.topic) as topic,
      concat_ws('/', coalesce(s.admitted, 0), coalesce(s.unspent, 0), coalesce(s.retained, 0), coalesce(s.satoshis, 0), coalesce(s.transitions, 0)) as said,
      concat_ws('/', coalesce(c.admitted, 0), coalesce(c.unspent, 0), coalesce(c.retained, 0), coalesce(c.satoshis, 0), coalesce(a.transitions, 0)) as counted
    from portcullis.topic_state s full join (${COUNTED_OUTPUTS}) c on c.topic = s.topic
    full join (select topic, count(*) as transitions from portcullis.applied_transaction group by topic) a on a.topic = coalesce(s.topic, c.topic)) held
  where held.said <> held.counted
union all
select 'the digest of topic ' || coalesce(s.topic, c.topic) || ' is not that of its outputs' from portcullis.topic_state s
  full join (${COUNTED_OUTPUTS}) c on c.topic = s.topic where coalesce(s.digest, 0) <> coalesce(c.digest, 0)`;

const EVENTS = `
select 'a transition was never told: ' || t.id || ' ' || named.topic as violation from portcullis.transition t, unnest(t.topics) named (topic)
  where (t.settlement <> 'retracted' or t.leaf_index >= portcullis.told_since()) and not exists (
    select from portcullis.topic_event e where e.topic = named.topic and e.position = t.leaf_index and e.kind = 'applied' and e.transition_id = t.id)
union all
select 'a retraction was never told: ' || t.id || ' ' || e.topic from portcullis.topic_event e join portcullis.transition t on t.id = e.transition_id
  where e.kind = 'applied' and t.settlement = 'retracted' and not exists (select from portcullis.topic_event r
    where r.topic = e.topic and r.transition_id = e.transition_id and r.kind = 'retracted' and r.position > e.position)
union all
select 'a retraction is told that was not: ' || t.id || ' ' || e.topic from portcullis.topic_event e join portcullis.transition t on t.id = e.transition_id
  where e.kind = 'retracted' and t.settlement <> 'retracted'
union all
select 'an event is told twice: ' || e.transition_id || ' ' || e.topic || ' ' || e.kind from portcullis.topic_event e where e.kind <> 'evicted'
  group by e.topic, e.transition_id, e.kind having count(*) > 1
union all
select 'an event is not of its transition: ' || e.topic || ' ' || e.position from portcullis.topic_event e
  left join portcullis.transition t on t.id = e.transition_id and t.txid = e.txid and e.topic = any(t.topics)
  where t.id is null or (e.kind = 'applied' and e.position <> t.leaf_index) or (e.kind = 'retracted' and e.position <= t.leaf_index)
union all
select 'an event is not at its leaf of the audit: ' || e.topic || ' ' || e.position from portcullis.topic_event e
  join portcullis.transition t on t.id = e.transition_id
  left join portcullis.audit_leaf l on l.index = e.position and l.at = e.at and (e.kind = 'evicted' or l.organisation = t.organisation)
  left join portcullis.audited_act a on a.leaf_index = e.position
  where l.index is null or (e.kind = 'evicted') <> (a.kind is not distinct from 'evicted')
union all
select 'one leaf tells of two transitions: ' || e.position from portcullis.topic_event e where e.kind <> 'evicted'
  group by e.position having count(distinct e.transition_id) > 1 or count(distinct e.kind) > 1
union all
select 'an output was never told: ' || o.topic || ' ' || portcullis.wire(portcullis.make_outpoint(o.txid, o.vout)) from portcullis.topic_output o
  join portcullis.transition t on t.id = o.transition_id
  where not o.retracted and o.evicted_leaf is null and not exists (select from portcullis.topic_event e
    where e.topic = o.topic and e.position = t.leaf_index and o.vout = any(e.admitted))
union all
select 'an eviction was never told: ' || o.topic || ' ' || portcullis.wire(portcullis.make_outpoint(o.txid, o.vout)) from portcullis.topic_output o
  where o.evicted_leaf is not null and not exists (select from portcullis.topic_event e
    where e.topic = o.topic and e.position = o.evicted_leaf and e.kind = 'evicted' and e.txid = o.txid and o.vout = any(e.admitted))
union all
select 'an eviction is told that was not: ' || e.topic || ' ' || e.position from portcullis.topic_event e
  where e.kind = 'evicted' and not exists (select from portcullis.topic_output o
    where o.topic = e.topic and o.txid = e.txid and o.vout = any(e.admitted) and o.evicted_leaf = e.position)
union all
select 'a spend was never told: ' || o.topic || ' ' || portcullis.wire(portcullis.make_outpoint(o.txid, o.vout)) from portcullis.topic_output o
  join portcullis.transition made on made.id = o.transition_id
  left join portcullis.applied_transaction a on a.topic = o.topic and a.txid = o.spent_by
  left join portcullis.transition t on t.id = a.transition_id
  where o.spent_by is not null and not o.retracted and not exists (select from portcullis.topic_event e
    where e.topic = o.topic and e.position = greatest(t.leaf_index, made.leaf_index)
      and e.spent @> jsonb_build_array(jsonb_build_object('txid', encode(o.txid, 'hex'), 'vout', o.vout, 'retained', o.retained)))`;

export const TOPIC_INVARIANTS: readonly Invariant[] = [
  { invariant: 'I13', sentence: 'The counts and the digest of a topic are those of its outputs.', sql: STATES },
  {
    invariant: 'I14',
    sentence: 'Every transition, retraction and eviction is told once to each of its topics, at its leaf of the audit.',
    sql: EVENTS,
  },
];

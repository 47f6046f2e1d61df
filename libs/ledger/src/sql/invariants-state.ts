import type { Invariant } from './invariant';

const SPENDS = `
select 'spent more than once: ' || portcullis.wire(outpoint) as violation from portcullis.spent_outpoint group by outpoint having count(*) > 1
union all
select 'a refused transaction holds a spend: ' || portcullis.wire(s.spender_txid) from portcullis.spent_outpoint s
  join portcullis.transaction x on x.txid = s.spender_txid where x.refused_at is not null
union all
select 'the topic ' || o.topic || ' and the ledger name different spenders of ' || portcullis.wire(portcullis.make_outpoint(o.txid, o.vout))
  from portcullis.topic_output o
  left join portcullis.spent_outpoint s on s.outpoint = portcullis.make_outpoint(o.txid, o.vout)
  where o.spent_by is not null and s.spender_txid is distinct from o.spent_by
union all
select 'a coin of ' || o.topic || ' is unspent though its spender was applied there: ' || portcullis.wire(s.outpoint)
  from portcullis.topic_output o
  join portcullis.spent_outpoint s on s.outpoint = portcullis.make_outpoint(o.txid, o.vout)
  join portcullis.applied_transaction a on a.topic = o.topic and a.txid = s.spender_txid
  where o.spent_by is null and not o.retracted
union all
select 'the basket ' || b.basket || ' and the ledger differ about ' || portcullis.wire(portcullis.make_outpoint(b.txid, b.vout))
  from portcullis.basket_output b
  left join portcullis.spent_outpoint s on s.outpoint = portcullis.make_outpoint(b.txid, b.vout)
  where not b.retracted and not b.relinquished and s.spender_txid is distinct from b.removed_by`;

const WHOLE = `
select 'a live transition spends nothing: ' || t.id as violation from portcullis.transition t
  where t.settlement <> 'retracted' and not exists (select from portcullis.spent_outpoint s where s.spender_txid = t.txid)
union all
select 'a live transition has no outbox row: ' || t.id from portcullis.transition t
  where t.settlement <> 'retracted' and not exists (select from portcullis.outbox o where o.txid = t.txid)
union all
select 'a transition lacks its audit leaf: ' || t.id from portcullis.transition t
  left join portcullis.audit_leaf l on l.index = t.leaf_index and l.organisation = t.organisation where l.index is null
union all
select 'a payment lacks its audit leaf: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  left join portcullis.audit_leaf l on l.index = c.leaf_index and l.organisation = c.organisation where l.index is null
union all
select 'an act lacks its audit leaf: ' || a.leaf_index from portcullis.audited_act a
  left join portcullis.audit_leaf l on l.index = a.leaf_index and l.organisation = a.organisation and l.at = a.at where l.index is null
union all
select 'one audit leaf stands for two acts: ' || acts.leaf_index from (
    select leaf_index from portcullis.transition
    union all select leaf_index from portcullis.payment_claim where transition_id is null
    union all select leaf_index from portcullis.audited_act) acts
  group by acts.leaf_index having count(*) > 1
union all
select 'audit leaves: ' || counted.leaves || ', acts: ' || counted.acts from (select
    (select count(*) from portcullis.audit_leaf) as leaves,
    (select count(*) + count(*) filter (where settlement = 'retracted') from portcullis.transition)
    + (select count(*) filter (where transition_id is null) + count(*) filter (where settlement = 'retracted')
       from portcullis.payment_claim)
    + (select count(*) from portcullis.audited_act) as acts) counted
  where counted.leaves <> counted.acts
union all
select 'a topic is named by a live transition and not applied: ' || t.id || ' ' || named.topic
  from portcullis.transition t, unnest(t.topics) named (topic)
  where t.settlement <> 'retracted' and not exists (
    select from portcullis.applied_transaction a where a.topic = named.topic and a.txid = t.txid and a.transition_id = t.id)
union all
select 'a live output has no applied transaction: ' || o.topic || ' ' || portcullis.wire(o.txid) from portcullis.topic_output o
  where not o.retracted and not exists (
    select from portcullis.applied_transaction a where a.topic = o.topic and a.txid = o.txid and a.transition_id = o.transition_id)`;

const RETRACTED = `
select 'a retracted transition is still applied: ' || t.id as violation from portcullis.transition t
  join portcullis.applied_transaction a on a.transition_id = t.id where t.settlement = 'retracted'
union all
select 'an output of a retracted transition is live: ' || t.id from portcullis.transition t
  join portcullis.topic_output o on o.transition_id = t.id where t.settlement = 'retracted' and not o.retracted
union all
select 'a retracted transition fills a basket: ' || t.id from portcullis.transition t
  join portcullis.basket_output b on b.transition_id = t.id where t.settlement = 'retracted' and not b.retracted
union all
-- What is in a block, or was in one that left the chain, stands on nothing but blocks: its parents were in one too, whatever the network said of them and
-- though nobody brought their proof.
select 'a live transition stands on a refused transaction: ' || t.id from portcullis.transition t
  join portcullis.transaction own on own.txid = t.txid and own.bump is null
  join portcullis.spent_outpoint s on s.spender_txid = t.txid
  join portcullis.transaction x on x.txid = substring(s.outpoint from 1 for 32)
  where t.settlement <> 'retracted' and x.refused_at is not null
    and not exists (select from portcullis.settlement_event e where e.transition_id = t.id and e.settlement = 'mined')
union all
select 'a live transition is of a refused transaction: ' || t.id from portcullis.transition t
  join portcullis.transaction x on x.txid = t.txid where t.settlement <> 'retracted' and x.refused_at is not null`;

/** Satoshis (little-endian), script length and script, as they stand in the bytes of the transaction; long lengths have a prefix byte. */
const STANDS_IN_BYTES = `position(
  (select string_agg(substring(int8send(satoshis) from 9 - place for 1), ''::bytea order by place) from generate_series(1, 8) place)
  || case when octet_length(script) < 253 then set_byte('\\x00'::bytea, 0, octet_length(script)) || script else ''::bytea end
  in x.raw) > 0 and position(script in x.raw) > 0`;

const VALUE = `
select 'topic ' || sums.topic || ': ' || sums.admitted || ' admitted, ' || sums.retired || ' retired, ' || sums.unspent || ' unspent' as violation
  from (select o.topic, sum(o.satoshis) as admitted, coalesce(sum(o.satoshis) filter (where a.txid is not null), 0) as retired,
      coalesce(sum(o.satoshis) filter (where o.spent_by is null), 0) as unspent
    from portcullis.topic_output o
    left join portcullis.applied_transaction a on a.topic = o.topic and a.txid = o.spent_by
    where not o.retracted group by o.topic) sums
  where sums.admitted - sums.retired <> sums.unspent
union all
select 'an output is not in its transaction: ' || portcullis.wire(portcullis.make_outpoint(x.txid, held.vout)) from (
    select txid, vout, satoshis, locking_script as script from portcullis.topic_output
    union select txid, vout, satoshis, locking_script from portcullis.basket_output) held
  left join portcullis.transaction x on x.txid = held.txid
  where x.txid is null or not (${STANDS_IN_BYTES})`;

export const STATE_INVARIANTS: readonly Invariant[] = [
  { invariant: 'I1', sentence: 'An outpoint has at most one live spender, and all tables agree on it.', sql: SPENDS },
  {
    invariant: 'I2',
    sentence:
      'Every admitted output has its transition; every transition has its spends, outbox rows and one audit leaf.',
    sql: WHOLE,
  },
  {
    invariant: 'I8',
    sentence: 'A retraction leaves nothing of its transition behind and spares no dependant.',
    sql: RETRACTED,
  },
  {
    invariant: 'I12',
    sentence:
      'Satoshis admitted less those retired are the sum of the unspent outputs, and each output is in its transaction.',
    sql: VALUE,
  },
];

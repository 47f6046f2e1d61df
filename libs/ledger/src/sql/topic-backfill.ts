import { COUNTED_OUTPUTS } from './topic-sums';

/**
 * What an older ledger holds, as if it had been told when it happened. Only what is live has events: what was retracted left no trace of what it had spent, so
 * that an event of it would be a guess. told_since says from which leaf on nothing may be missing.
 */
export const TOPIC_BACKFILL = `
insert into portcullis.topic_event (topic, position, kind, transition_id, txid, admitted, spent, at)
  select a.topic, t.leaf_index, 'applied', t.id, t.txid, coalesce(mine.vouts, '{}'), coalesce(gone.coins, '[]') || coalesce(mine.born, '[]'), l.at
  from portcullis.applied_transaction a
  join portcullis.transition t on t.id = a.transition_id
  join portcullis.audit_leaf l on l.index = t.leaf_index
  left join (
    select o.topic, o.txid, array_agg(o.vout order by o.vout) as vouts,
      jsonb_agg(jsonb_build_object('txid', encode(o.txid, 'hex'), 'vout', o.vout, 'retained', false, 'spender', encode(o.spent_by, 'hex')) order by o.vout)
        filter (where later.leaf_index < made.leaf_index) as born
    from portcullis.topic_output o join portcullis.transition made on made.id = o.transition_id
    left join portcullis.applied_transaction s on s.topic = o.topic and s.txid = o.spent_by
    left join portcullis.transition later on later.id = s.transition_id
    where not o.retracted group by o.topic, o.txid) mine on mine.topic = a.topic and mine.txid = a.txid
  left join (
    select o.topic, o.spent_by as txid, jsonb_agg(jsonb_build_object('txid', encode(o.txid, 'hex'), 'vout', o.vout, 'retained', o.retained)
      order by o.txid, o.vout) as coins
    from portcullis.topic_output o join portcullis.transition made on made.id = o.transition_id
    join portcullis.applied_transaction s on s.topic = o.topic and s.txid = o.spent_by
    join portcullis.transition later on later.id = s.transition_id
    where not o.retracted and later.leaf_index > made.leaf_index group by o.topic, o.spent_by) gone on gone.topic = a.topic and gone.txid = a.txid
  order by t.leaf_index, a.topic;
insert into portcullis.topic_state (topic, admitted, unspent, retained, satoshis, transitions, digest)
  select a.topic, coalesce(c.admitted, 0), coalesce(c.unspent, 0), coalesce(c.retained, 0), coalesce(c.satoshis, 0), a.transitions, coalesce(c.digest, 0)
  from (select topic, count(*) as transitions from portcullis.applied_transaction group by topic) a
  left join (${COUNTED_OUTPUTS}) c on c.topic = a.topic;
do $$ begin
  execute format('create function portcullis.told_since() returns bigint language sql immutable parallel safe as %L',
    'select ' || (select h.next_index from portcullis.audit_head h) || '::bigint');
end $$;
`;

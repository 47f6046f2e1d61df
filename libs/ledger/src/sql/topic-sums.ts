/** Live outputs as their topics count them; the sums that topic_state keeps and fsck compares. */
export const COUNTED_OUTPUTS = `
select o.topic, count(*) as admitted, count(*) filter (where o.spent_by is null) as unspent, count(*) filter (where o.retained) as retained,
  coalesce(sum(o.satoshis) filter (where o.spent_by is null), 0)::bigint as satoshis,
  mod(coalesce(sum(portcullis.digest_element(o.topic, case when o.retained then 1 else 0 end, portcullis.make_outpoint(o.txid, o.vout), o.satoshis,
    o.locking_script)) filter (where o.spent_by is null or o.retained), 0), ('1' || repeat('0', 640))::numeric) as digest
from portcullis.topic_output o where not o.retracted group by o.topic`;

import type { Database } from '#ledger';

/** Rows that are made of each other here need no looking up in each other's tables: a third of the time. An owner who may not say so waits longer. */
const checkReferences = (isChecked: boolean): string => `
do $$ begin
  set local session_replication_role = ${isChecked ? 'origin' : 'replica'};
exception when insufficient_privilege then null;
end $$;
`;

/** What a ledger of some age holds, made by the server itself. Every row is of the tenant `elder`, whose requests nobody sends. */
const OLD_ROWS = `${checkReferences(false)}
create temporary table elder on commit drop as
  select n, sha256(sha256(int4send(n))) as txid, int4send(n) as raw, gen_random_uuid() as id from generate_series($FROM, $TO) n;
insert into portcullis.transaction (txid, raw) select txid, raw from elder;
insert into portcullis.transition (id, organisation, identity_key, request_key, request_digest, request_id, txid, topics, settlement, receipt, leaf_index)
  select id, 'elder', 'key of elder', id::text, txid, id::text, txid, '{tm_test}', (array['applied', 'broadcast', 'seen', 'mined', 'final'])[1 + n % 5], '{}', n from elder;
insert into portcullis.settlement_event (transition_id, seq, settlement, detail) select id, 0, 'applied', '{}' from elder;
insert into portcullis.applied_transaction (topic, txid, transition_id) select 'tm_test', txid, id from elder;
insert into portcullis.spent_outpoint (outpoint, spender_txid) select portcullis.make_outpoint(sha256(txid), 0), txid from elder;
insert into portcullis.topic_output (topic, txid, vout, satoshis, locking_script, transition_id) select 'tm_test', txid, 0, 1000, raw, id from elder;
insert into portcullis.topic_output_key (topic, key, txid, vout) select 'tm_test', 'document:' || n, txid, 0 from elder;
insert into portcullis.basket_output (txid, vout, organisation, basket, satoshis, locking_script, transition_id, tags)
  select txid, 0, 'elder', 'goods', 1000, raw, id, array['elder', 'shelf ' || n % 10] from elder;
insert into portcullis.reservation (id, organisation, identity_key, basket, request_key, terms, expires_at)
  select id, 'elder', 'key of elder', 'goods', n::text, '{}', now() + interval '1 day' from elder;
insert into portcullis.offer (id, organisation, seller_key, asset, basket, satoshis, price_satoshis, price_script, price_basket, expires_at, terms_digest)
  select id, 'elder', 'key of elder', portcullis.make_outpoint(txid, 0), 'goods', 1000, 1, raw, 'income', now() + interval '1 day', txid from elder;
insert into portcullis.outbox (dedupe_key, organisation, kind, txid, transition_id, payload, state, available_at)
  select 'broadcast:' || n, 'elder', 'broadcast', txid, id, '{}', case when n % 2 = 0 then 'done' else 'waiting' end, now() + interval '1 day' from elder;
insert into portcullis.payment_quote (prefix, organisation, identity_key, request_digest, method, path, satoshis, expires_at, claimed_at)
  select n::text, 'elder', 'key of elder', txid, 'POST', '/', 1, now() + interval '1 day', case when n % 2 = 0 then now() end from elder;
insert into portcullis.payment_claim (outpoint, prefix, organisation, identity_key, request_digest, satoshis, transition_id)
  select portcullis.make_outpoint(txid, 0), n::text, 'elder', 'key of elder', txid, 1, id from elder where n % 2 = 0;
insert into portcullis.auth_session (session_nonce, identity_key, peer_nonce, expires_at) select n::text, 'key of elder', '', now() + interval '1 day' from elder;
insert into portcullis.auth_nonce (session_nonce, nonce) select n::text, '' from elder;
insert into portcullis.script_verdict (rules, txid) select 1, txid from elder;
insert into portcullis.block_header (hash, previous_hash, height, header, work, is_best)
  select txid, sha256(raw), 1000000 + n, '\\x00000000'::bytea || sha256(raw) || txid || '\\x000000000000000000000000'::bytea, n, true from elder;
insert into portcullis.topic_event (topic, position, kind, transition_id, txid, admitted, spent, at)
  select 'tm_test', -n - 1, 'applied', id, txid, '{0}', '[]', now() from elder;
insert into portcullis.proposal (id, organisation, identity_key, gateway, txid, topics, parties, needed, deadline, terms_digest, content_hash, content, beef, state,
    proposed_at, proposed_leaf, transition_id)
  select id, case when n % 2 = 0 then 'elder' else 'elder ' || n end, 'key of elder', '', txid, '{tm_test}', '{elder}', 1, now() + interval '1 day', txid, txid, case when n % 2 = 1 then '{}'::jsonb end,
    case when n % 2 = 1 then raw end, case when n % 2 = 0 then 'committed' else 'open' end, now(), n, case when n % 2 = 0 then id end from elder;
insert into portcullis.proposal_party (organisation, place) select 'elder', p.place from portcullis.proposal p join elder using (id);
insert into portcullis.proposal_approval (proposal_id, identity_key, organisation, statement, signature, outpoints, relies, approved_at, leaf_index)
  select id, 'key of elder', 'elder', '', raw, '{}', '[]', now(), n from elder;
insert into portcullis.proposal_count (transition_id, proposal_id, identity_key, organisation, statement_hash)
  select id, id, 'key of elder', 'elder', txid from elder where n % 2 = 0;
insert into portcullis.event_feed (name, kind, organisation, topic) select n::text, case when n % 2 = 0 then 'lookup' else 'webhook' end, 'elder', 'tm_test'
  from elder;
${checkReferences(true)}
select portcullis.append_audit_leaf('elder', raw) from elder where n % $LEAVES = 0;
`;

/** Each leaf is chained to the one before, which takes its time: so many of them at most. */
const LEAVES_MAX = 2_000;

/** Adds `to - from + 1` rows to every table that grows. `owner` is the owner's connection. */
export const fillLedger = async (owner: Database, from: number, to: number): Promise<void> => {
  const everyNth = Math.ceil((to - from + 1) / LEAVES_MAX);
  await owner.query(
    OLD_ROWS.replace('$FROM', String(from)).replace('$TO', String(to)).replace('$LEAVES', String(everyNth)),
  );
};

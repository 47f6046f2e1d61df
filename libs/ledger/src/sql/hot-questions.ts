/**
 * What is asked beside THE COMMIT with most requests. Functions, because PL/pgSQL keeps the plan of each question for as long as the connection lasts, where
 * the same text sent by itself is planned each time (up to half a millisecond, several times what answering takes); and because the settings, which keep
 * such a plan an index descent (ops/decisions/0028), can only be given to a function.
 */
const QUESTIONS = `
create function portcullis.claim_nonce(session text, fresh text) returns text language plpgsql as $$
begin
  insert into portcullis.auth_nonce (session_nonce, nonce)
    select s.session_nonce, fresh from portcullis.auth_session s where s.session_nonce = session and s.expires_at > now()
    on conflict do nothing;
  if found then return 'claimed'; end if;
  if exists (select from portcullis.auth_session s where s.session_nonce = session and s.expires_at > now()) then return 'replayed'; end if;
  return 'ended';
end $$;

create function portcullis.find_replay(tenant text, key text) returns table (id uuid, request_digest bytea, receipt jsonb)
language plpgsql stable rows 1 as $$
begin
  return query select t.id, t.request_digest, t.receipt from portcullis.transition t where t.organisation = tenant and t.request_key = key;
end $$;

create function portcullis.view_chain(anchor bytea, heights integer[]) returns table (kind text, height integer, hash bytea)
language plpgsql stable rows 10 as $$
begin
  return query
    (select 'tip', h.height, h.hash from portcullis.block_header h where h.is_best order by h.height desc limit 1)
    union all
    select 'anchor', h.height, h.hash from portcullis.block_header h where h.hash = anchor and h.is_best
    union all
    select 'root', h.height, substring(h.header from 37 for 32) from portcullis.block_header h where h.is_best and h.height = any(heights);
end $$;

create function portcullis.find_coins(named text, outpoints jsonb, leaving jsonb)
returns table (place integer, txid bytea, vout integer, satoshis bigint, locking_script bytea)
language plpgsql stable rows 10 as $$
begin
  return query
    select (asked.place - 1)::integer, o.txid, o.vout, o.satoshis, o.locking_script
    from jsonb_array_elements_text(outpoints) with ordinality as asked (hex, place)
    cross join lateral (select t.* from portcullis.topic_output t where t.topic = named
      and t.txid = substring(decode(asked.hex, 'hex') from 1 for 32) and t.vout = portcullis.vout_of(decode(asked.hex, 'hex')) offset 0) o
    where not o.retracted and (o.spent_by is null
      or o.spent_by in (select decode(leaves.hex, 'hex') from jsonb_array_elements_text(leaving) leaves (hex)));
end $$;
`;

const SETTINGS = [
  'claim_nonce(text, text)',
  'find_replay(text, text)',
  'view_chain(bytea, integer[])',
  'find_coins(text, jsonb, jsonb)',
]
  .map(
    (entrance) =>
      `alter function portcullis.${entrance} set enable_seqscan = off; alter function portcullis.${entrance} set jit = off;`,
  )
  .join('\n');

export const HOT_QUESTIONS = QUESTIONS + SETTINGS;

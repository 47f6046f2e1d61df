/**
 * What proves that a revocation outpoint is spent: the transaction, and its path to the root of a block that our own headers had on the best chain when it was
 * verified. It is a fact of the public chain and nobody's. Whether it still stands, the headers say: a reorg takes its block away, and it stays as it was.
 */
export const SPEND_PROOF_TABLES = `
-- Once for each transaction: one that revokes many certificates is as large as it is.
create table portcullis.spend_proof (
  spender_txid bytea primary key check (octet_length(spender_txid) = 32),
  raw bytea not null,
  -- BRC-74.
  bump bytea not null,
  height int not null check (height >= 0),
  root bytea not null check (octet_length(root) = 32),
  -- Who brought it.
  source text not null,
  proven_at timestamptz not null default clock_timestamp()
);
-- That it spends this one was verified with it. Of several at most one stands.
create table portcullis.revocation_proof (
  outpoint bytea not null references portcullis.revocation,
  spender_txid bytea not null references portcullis.spend_proof,
  primary key (outpoint, spender_txid)
);
revoke delete on portcullis.spend_proof from portcullis_app;
revoke update, delete on portcullis.revocation_proof from portcullis_app;
`;

/**
 * `record_revocation` as sql/revocation had it, and: nobody's GOOD, and no contradiction, takes away what is proven; no word puts another spender in its place;
 * no GOOD of others takes away the word of one that is silent; and a proof is kept.
 */
export const SPEND_PROOFS = `
create function portcullis.is_best_root(place int, asked bytea) returns boolean language sql stable as $$
  select exists (select from (select h.header from portcullis.block_header h where h.is_best and h.height = place offset 0) b
    where substring(b.header from 37 for 32) = asked)
$$;

-- The one that stands, and the words for it.
create function portcullis.find_spend_proof(place bytea) returns table (spender_txid bytea, proven_by text) language sql stable as $$
  select p.spender_txid, 'the header chain at height ' || p.height || ', by ' || p.source from portcullis.revocation_proof v
    cross join lateral (select s.* from portcullis.spend_proof s where s.spender_txid = v.spender_txid offset 0) p
    where v.outpoint = place and portcullis.is_best_root(p.height, p.root) limit 1
$$;

create function portcullis.is_spend_proven(place bytea) returns boolean language sql stable as $$
  select exists (select from portcullis.find_spend_proof(place))
$$;

create function portcullis.keep_spend_proof(place bytea, spender bytea, proof jsonb) returns void language sql as $$
  insert into portcullis.spend_proof as p (spender_txid, raw, bump, height, root, source)
    values (spender, decode(proof->>'raw', 'hex'), decode(proof->>'bump', 'hex'), (proof->>'height')::int, decode(proof->>'root', 'hex'), proof->>'source')
    on conflict (spender_txid) do update set bump = excluded.bump, height = excluded.height, root = excluded.root, source = excluded.source,
      proven_at = excluded.proven_at where not portcullis.is_best_root(p.height, p.root);
  insert into portcullis.revocation_proof (outpoint, spender_txid) values (place, spender) on conflict do nothing;
$$;

create or replace function portcullis.record_revocation(asked jsonb) returns boolean language plpgsql as $$
declare
  place constant bytea := decode(asked->>'outpoint', 'hex');
  told constant timestamptz := (asked->>'lookedAt')::timestamptz;
  held portcullis.revocation%rowtype;
  spender bytea;
  said text;
begin
  perform portcullis.queue_for_revocation(place, true);
  select * into held from portcullis.revocation r where r.outpoint = place for update;
  if not found or (held.looked_at > told and asked->>'state' <> 'revoked') then return false; end if;
  select p.spender_txid, p.proven_by into spender, said from portcullis.find_spend_proof(place) p;
  -- Spent here while they were asked, or proven by another replica: they could not know.
  if asked->>'state' <> 'revoked' and (spender is not null or exists (select from portcullis.spent_outpoint s where s.outpoint = place)) then
    return false;
  end if;
  -- Nobody could say. What was known grows older, and how old it may be is for the policies to say.
  if (asked->>'isSilent')::boolean and held.state <> 'unknown' then
    update portcullis.revocation r set looked_at = told where r.outpoint = place;
    return true;
  end if;
  -- Whoever said that it is revoked takes that back, or is no longer asked. The GOOD of others does not, while that one is silent.
  if asked->>'state' = 'good' and held.state = 'revoked' and asked->'silent' ?| string_to_array(held.source, ', ') then
    update portcullis.revocation r set looked_at = told where r.outpoint = place;
    return false;
  end if;
  if spender is null or asked ? 'proof' then
    spender := decode(asked->>'spender', 'hex');
    said := asked->>'source';
  end if;
  update portcullis.revocation r set state = asked->>'state', as_of = (asked->>'asOf')::timestamptz, source = said, spender_txid = spender,
      looked_at = greatest(told, held.looked_at),
      revoked_at = case when asked->>'state' = 'revoked' and r.state <> 'revoked' then clock_timestamp() else r.revoked_at end
    where r.outpoint = place;
  if asked ? 'proof' then perform portcullis.keep_spend_proof(place, spender, asked->'proof'); end if;
  if asked->>'state' = 'revoked' and held.state <> 'revoked' then perform portcullis.end_rights(array[place]); end if;
  return true;
end $$;

alter function portcullis.is_best_root(int, bytea) set enable_seqscan = off;
alter function portcullis.find_spend_proof(bytea) set enable_seqscan = off;
alter function portcullis.record_revocation(jsonb) set enable_seqscan = off;
`;

/**
 * What proves that a revocation outpoint is spent: the transaction, and its path to the root of a block that our own headers had on the best chain when it was
 * verified. It is a fact of the public chain and nobody's. Whether it still stands, the headers say: a reorg takes its block away, and it stays as it was.
 */
export const SPEND_PROOF_TABLES = `
create table portcullis.revocation_proof (
  outpoint bytea primary key references portcullis.revocation,
  spender_txid bytea not null check (octet_length(spender_txid) = 32),
  raw bytea not null,
  -- BRC-74.
  bump bytea not null,
  height int not null check (height >= 0),
  root bytea not null check (octet_length(root) = 32),
  -- Who brought it.
  source text not null,
  proven_at timestamptz not null default clock_timestamp()
);
revoke delete on portcullis.revocation_proof from portcullis_app;
`;

/**
 * `record_revocation` as sql/revocation had it, and: nobody's GOOD, and no contradiction, takes away what is proven; no GOOD of others takes away the word of one that is silent;
 * and a proof is kept.
 */
export const SPEND_PROOFS = `
create function portcullis.is_spend_proven(place bytea) returns boolean language sql stable as $$
  select exists (select from portcullis.revocation_proof p
    cross join lateral (select h.header from portcullis.block_header h where h.is_best and h.height = p.height offset 0) b
    where p.outpoint = place and substring(b.header from 37 for 32) = p.root)
$$;

create function portcullis.keep_spend_proof(place bytea, spender bytea, proof jsonb) returns void language sql as $$
  insert into portcullis.revocation_proof (outpoint, spender_txid, raw, bump, height, root, source)
    values (place, spender, decode(proof->>'raw', 'hex'), decode(proof->>'bump', 'hex'), (proof->>'height')::int, decode(proof->>'root', 'hex'), proof->>'source')
    on conflict (outpoint) do update set spender_txid = excluded.spender_txid, raw = excluded.raw, bump = excluded.bump, height = excluded.height,
      root = excluded.root, source = excluded.source, proven_at = excluded.proven_at
$$;

create or replace function portcullis.record_revocation(asked jsonb) returns boolean language plpgsql as $$
declare
  place constant bytea := decode(asked->>'outpoint', 'hex');
  told constant timestamptz := (asked->>'lookedAt')::timestamptz;
  held portcullis.revocation%rowtype;
begin
  perform portcullis.queue_for_revocation(place, true);
  select * into held from portcullis.revocation r where r.outpoint = place for update;
  if not found or (held.looked_at > told and asked->>'state' <> 'revoked') then return false; end if;
  -- Spent here while they were asked, or proven by another replica: they could not know.
  if asked->>'state' <> 'revoked' and (exists (select from portcullis.spent_outpoint s where s.outpoint = place) or portcullis.is_spend_proven(place)) then
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
  update portcullis.revocation r set state = asked->>'state', as_of = (asked->>'asOf')::timestamptz, source = asked->>'source',
      spender_txid = decode(asked->>'spender', 'hex'), looked_at = greatest(told, held.looked_at),
      revoked_at = case when asked->>'state' = 'revoked' and r.state <> 'revoked' then clock_timestamp() else r.revoked_at end
    where r.outpoint = place;
  if asked ? 'proof' then perform portcullis.keep_spend_proof(place, decode(asked->>'spender', 'hex'), asked->'proof'); end if;
  if asked->>'state' = 'revoked' and held.state <> 'revoked' then perform portcullis.end_rights(array[place]); end if;
  return true;
end $$;

alter function portcullis.is_spend_proven(bytea) set enable_seqscan = off;
alter function portcullis.record_revocation(jsonb) set enable_seqscan = off;
`;

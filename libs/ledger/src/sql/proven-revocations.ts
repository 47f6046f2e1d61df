/** What the header chain proves counts for a COMMIT as it counts for whoever asks: `rely` as sql/revocation had it, and what is proven is revoked. */
export const PROVEN_REVOCATIONS = `
-- The guard asked before; what became known since then is asked under lock, and written down as it stood.
create or replace function portcullis.rely(list jsonb, made uuid) returns void language plpgsql as $$
declare
  given record;
  held portcullis.revocation%rowtype;
  spender bytea;
begin
  for given in
    select decode(r->>'certificate', 'hex') as certificate, decode(r->>'outpoint', 'hex') as outpoint, (r->>'goodSince')::timestamptz as since,
      coalesce((r->>'mayBeUnknown')::boolean, false) as is_lax
    from jsonb_array_elements(list) r order by hashtext(r->>'outpoint'), 1
  loop
    if given.outpoint is null then
      insert into portcullis.reliance (transition_id, certificate_hash, state, source) values (made, given.certificate, 'not-revocable', 'the certificate')
        on conflict do nothing;
      continue;
    end if;
    perform portcullis.queue_for_revocation(given.outpoint, false);
    select * into held from portcullis.revocation r where r.outpoint = given.outpoint for share;
    if not found then perform portcullis.refuse('revocation-unknown', 'nobody watches ' || portcullis.wire(given.outpoint)); end if;
    -- Proven, whatever was said since: a reorg that took the proof away may have been taken back. Or spent here by a COMMIT that came before the certificate.
    select p.spender_txid into spender from portcullis.find_spend_proof(given.outpoint) p;
    if spender is null then select s.spender_txid into spender from portcullis.spent_outpoint s where s.outpoint = given.outpoint; end if;
    if held.state = 'revoked' or spender is not null then
      perform portcullis.refuse('certificate-revoked', 'its revocation outpoint is spent by ' || portcullis.wire(coalesce(spender, held.spender_txid)));
    end if;
    if (held.state = 'unknown' and not given.is_lax) or held.as_of < given.since then
      perform portcullis.refuse('revocation-unknown', 'what is known of ' || portcullis.wire(given.outpoint) || ' is older than the policy allows');
    end if;
    insert into portcullis.reliance (transition_id, certificate_hash, outpoint, state, as_of, source)
      values (made, given.certificate, given.outpoint, held.state, held.as_of, held.source) on conflict do nothing;
  end loop;
end $$;
`;

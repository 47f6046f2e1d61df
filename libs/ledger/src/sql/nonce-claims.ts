/**
 * What `claim_nonce` says, for those that ask at the same time. In one order on every replica, so that two groups with the same nonces wait for each other
 * and not both; of two equal claims in one group the first is the one that counts.
 */
export const NONCE_CLAIMS = `
create function portcullis.claim_nonces(sessions text[], fresh text[]) returns text[] language plpgsql as $$
declare
  claims text[] := array_fill('ended'::text, array[cardinality(sessions)]);
  asked record;
begin
  for asked in
    select a.session, a.nonce, a.place from unnest(sessions, fresh) with ordinality a (session, nonce, place) order by a.session, a.nonce, a.place
  loop
    claims[asked.place] := portcullis.claim_nonce(asked.session, asked.nonce);
  end loop;
  return claims;
end $$;
alter function portcullis.claim_nonces(text[], text[]) set jit = off;
`;

/** A payment may spend from a basket as a submission may, and no more than it what another identity has reserved. */
export const CLAIM_RESERVED = `
create or replace function portcullis.claim_payment(asked jsonb) returns text language plpgsql as $$
declare
  paid constant bytea := decode(asked->'payment'->>'outpoint', 'hex');
  place bigint;
begin
  perform portcullis.share_ledger();
  if portcullis.take_payment(asked, null) then return 'replayed'; end if;
  perform portcullis.store_transactions(asked->'transactions', substring(paid from 1 for 32));
  perform portcullis.claim_spends(asked->'spends');
  perform portcullis.check_reserved(asked);
  perform count(*) from portcullis.empty_baskets(asked->'spends');
  perform portcullis.file_outbox(asked->'outbox', asked->>'organisation', null);
  perform portcullis.settle_proven(asked->'transactions', asked->'mined');
  place := portcullis.append_audit_leaf(asked->>'organisation', decode(asked->>'leaf', 'hex'));
  update portcullis.payment_claim c set leaf_index = place where c.outpoint = paid;
  return 'claimed';
end $$;
`;

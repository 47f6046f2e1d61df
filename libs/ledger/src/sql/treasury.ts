/** What a transition that sweeps is labelled. */
export const SWEEP_LABEL = 'treasury-sweep';

/** What was paid, kept for whom it was paid to: ops/decisions/0059. */
export const TREASURY = `
-- What a payment brings into a basket is no part of the transition that it pays for: the one may be retracted and the other stay.
alter table portcullis.basket_output alter column transition_id drop not null;

alter table portcullis.payment_claim
  -- Whose basket its output came into. Null: there was no operator, or none was kept yet.
  add column treasury text check (treasury <> ''),
  -- By which the output is spent. Null: it was not written down yet.
  add column instructions text,
  add constraint payment_claim_spendable check (treasury is null or instructions is not null);
create index payment_claim_leaf on portcullis.payment_claim (leaf_index);
create index payment_claim_organisation_leaf on portcullis.payment_claim (organisation, leaf_index);

-- payment->'kept': {instructions, script, tag, basket, treasury?}. The claim was made in this transaction. Its outputs may be in a basket of this organisation
-- already, by its own submission: there they stay.
create function portcullis.keep_output(payment jsonb) returns void language plpgsql as $$
declare
  paid constant bytea := decode(payment->>'outpoint', 'hex');
  kept constant jsonb := payment->'kept';
begin
  update portcullis.payment_claim c set treasury = kept->>'treasury', instructions = kept->>'instructions' where c.outpoint = paid;
  if not kept ? 'treasury' then return; end if;
  insert into portcullis.basket_output as b (organisation, txid, vout, basket, satoshis, locking_script, removed_by, tags, custom_instructions)
    values (kept->>'treasury', substring(paid from 1 for 32), portcullis.vout_of(paid), kept->>'basket', (payment->>'satoshis')::bigint,
      decode(kept->>'script', 'hex'), (select s.spender_txid from portcullis.spent_outpoint s where s.outpoint = paid), array[kept->>'tag'],
      kept->>'instructions')
    on conflict (organisation, txid, vout) do update set basket = excluded.basket, transition_id = null, removed_by = excluded.removed_by, tags = excluded.tags,
      custom_instructions = excluded.custom_instructions, quantity = 1, retracted = false, relinquished = false, reserved_by = null, reserved_until = null,
      place = default
      where b.retracted or b.relinquished;
end $$;

-- Called where a claim is made, of whatever kind: so its output is kept in the COMMIT that takes it.
alter function portcullis.keep_change(jsonb) rename to keep_rest;
create function portcullis.keep_change(asked jsonb) returns void language plpgsql as $$
begin
  if asked->'payment' ? 'kept' then perform portcullis.keep_output(asked->'payment'); end if;
  perform portcullis.keep_rest(asked);
end $$;

-- Where each payment that was taken is now. 'missing' is none that may be.
create function portcullis.locate_payments() returns table (treasury text, outpoint bytea, satoshis bigint, state text) language sql stable as $$
  select c.treasury, c.outpoint, c.satoshis, case
      when c.treasury is null then 'unassigned'
      when c.settlement = 'retracted' then 'retracted'
      when b.txid is null or b.satoshis <> c.satoshis or b.retracted then 'missing'
      when b.removed_by is not null and exists (select from portcullis.transition t where t.txid = b.removed_by and t.organisation = c.treasury
        and t.settlement <> 'retracted' and '${SWEEP_LABEL}' = any(t.labels)) then 'swept'
      when b.removed_by is not null then 'spent'
      when b.relinquished then 'relinquished'
      else 'held' end
    from portcullis.payment_claim c
    left join portcullis.basket_output b on b.organisation = c.treasury and b.txid = c.txid and b.vout = portcullis.vout_of(c.outpoint)
$$;
`;

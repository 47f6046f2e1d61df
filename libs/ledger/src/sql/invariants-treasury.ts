import type { Invariant } from './invariant';

const TREASURY = `
select 'a payment is not where it was kept: ' || portcullis.wire(s.outpoint) as violation from portcullis.locate_payments() s where s.state = 'missing'
union all
select 'a refused payment is still kept: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.basket_output b on b.organisation = c.treasury and b.txid = c.txid and b.vout = portcullis.vout_of(c.outpoint)
  where c.settlement = 'retracted' and not b.retracted and b.transition_id is null
union all
select 'an output is kept by no transition and no payment: ' || portcullis.wire(portcullis.make_outpoint(b.txid, b.vout)) from portcullis.basket_output b
  left join portcullis.payment_claim c on c.outpoint = portcullis.make_outpoint(b.txid, b.vout) and c.treasury = b.organisation
  where b.transition_id is null and c.outpoint is null
union all
select 'the treasury of ' || claimed.treasury || ' does not add up: ' || claimed.satoshis || ' taken, ' || coalesce(kept.satoshis, 0) || ' accounted for' from (
    select c.treasury, sum(c.satoshis) as satoshis from portcullis.payment_claim c where c.treasury is not null group by c.treasury) claimed
  left join (select b.organisation, sum(b.satoshis) as satoshis from portcullis.basket_output b
    join portcullis.payment_claim c on c.outpoint = portcullis.make_outpoint(b.txid, b.vout) and c.treasury = b.organisation
    group by b.organisation) kept on kept.organisation = claimed.treasury
  where claimed.satoshis is distinct from kept.satoshis`;

export const TREASURY_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'I34',
    sentence:
      'What was paid is held in the treasury, or was swept, spent, given up or refused by the network; a payment that was refused is held nowhere.',
    sql: TREASURY,
  },
];

import type { Invariant } from './invariant';

const ACCOUNTS = `
select 'an account is not the sum of its entries: ' || a.organisation as violation from portcullis.account a
  cross join lateral (select coalesce(sum(e.satoshis), 0) as balance, coalesce(sum(e.owed), 0) as debt, count(*) as entries, coalesce(max(e.seq), 0) as last
    from portcullis.account_entry e where e.organisation = a.organisation) s
  where (a.balance, a.debt, a.entries, a.entries) <> (s.balance, s.debt, s.entries, s.last)
union all
select 'an entry does not follow from the one before: ' || e.organisation || ' ' || e.seq from (
    select *, lag(balance_after, 1, 0) over w as balance_before, lag(debt_after, 1, 0) over w as debt_before from portcullis.account_entry
    window w as (partition by organisation order by seq)) e
  where e.balance_after <> e.balance_before + e.satoshis or e.debt_after <> e.debt_before + e.owed
union all
select 'more is drawn than was there: ' || e.organisation || ' ' || e.seq from portcullis.account_entry e
  where e.kind = 'draw' and e.satoshis < 0 and e.balance_after < -e.credit_limit
union all
select 'a payment that was refused is not owed: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  left join portcullis.account_entry e on e.organisation = portcullis.account_of(c) and e.key = 'debt:' || encode(c.outpoint, 'hex') and e.owed = c.satoshis
  where c.settlement = 'retracted' and e.key is null
union all
select 'a debt is of no refused payment: ' || e.organisation || ' ' || e.seq from portcullis.account_entry e
  left join portcullis.payment_claim c on c.outpoint = decode(substring(e.key from '^debt:([0-9a-f]{72})$'), 'hex') and c.settlement = 'retracted'
  where e.kind = 'debt' and c.outpoint is null
union all
select 'what is kept of a payment is not what is left of it: ' || e.organisation || ' ' || e.seq from portcullis.account_entry e
  left join portcullis.payment_claim c on c.outpoint = decode(substring(e.key from '^payment:([0-9a-f]{72})$'), 'hex') and portcullis.account_of(c) = e.organisation
  left join portcullis.payment_quote q on q.prefix = c.prefix
  where e.kind in ('overpaid', 'top-up')
    and e.satoshis - e.owed is distinct from c.satoshis - coalesce(c.charged, q.satoshis)
union all
select 'a payment is larger than its price and nothing is kept of it: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.payment_quote q on q.prefix = c.prefix
  left join portcullis.account_entry e on e.organisation = portcullis.account_of(c) and e.key = 'payment:' || encode(c.outpoint, 'hex')
  where c.satoshis > coalesce(c.charged, q.satoshis) and e.key is null
    -- Of before there were accounts nothing was kept.
    and c.created_at > (select min(b.at) from portcullis.account_entry b)
union all
select 'a price is above its terms: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.payment_quote q on q.prefix = c.prefix where c.charged > q.satoshis
union all
select 'a credit is of nothing that was taken: ' || e.organisation || ' ' || e.seq from portcullis.account_entry e
  where e.kind = 'credit' and not exists (select from portcullis.account_entry d where d.organisation = e.organisation and d.kind = 'draw'
      and 'credit:' || d.key = e.key and d.satoshis = e.owed - e.satoshis)
    and not exists (select from portcullis.payment_claim c join portcullis.payment_quote q on q.prefix = c.prefix
      where portcullis.account_of(c) = e.organisation and e.key = 'credit:payment:' || encode(c.outpoint, 'hex') and coalesce(c.charged, q.satoshis) = e.satoshis - e.owed)
union all
select 'an entry lacks its audit leaf: ' || e.organisation || ' ' || e.seq from portcullis.account_entry e
  left join portcullis.audit_leaf l on l.index = e.leaf_index and (l.organisation = e.organisation or e.key like '%payment:%') where e.kind <> 'debt' and l.index is null
union all
select 'what was given back still waits to be served: ' || u.organisation || ' ' || u.key from portcullis.unserved u
  join portcullis.account_entry e on e.organisation = u.organisation and e.key = 'credit:' || u.key`;

export const ACCOUNT_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'I27',
    sentence:
      'A balance is what was paid ahead, left over and given back, less what was drawn; what the network refused is owed; nothing is drawn beyond it.',
    sql: ACCOUNTS,
  },
];

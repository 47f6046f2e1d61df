import type { Invariant } from './invariant';

const PAYMENTS = `
select 'claimed more than once: ' || portcullis.wire(outpoint) as violation from portcullis.payment_claim group by outpoint having count(*) > 1
union all
select 'a claim is of terms that are named after another payment: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.payment_quote q on q.prefix = c.prefix where q.payer is not null and q.prefix <> encode(c.outpoint, 'hex')
union all
select 'a claim is smaller than its terms: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.payment_quote q on q.prefix = c.prefix where c.satoshis < q.satoshis
union all
select 'a claim is for another request than its terms: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  left join portcullis.payment_quote q on q.prefix = c.prefix and q.identity_key = c.identity_key and q.request_digest = c.request_digest
  where q.claimed_at is null
union all
select 'a transition was paid by the claim of another request: ' || t.id from portcullis.payment_claim c
  join portcullis.transition t on t.id = c.transition_id where t.request_digest <> c.request_digest or t.identity_key <> c.identity_key`;

const NONCES = `
select 'a nonce was taken twice: ' || session_nonce || ' ' || nonce as violation from portcullis.auth_nonce
  group by session_nonce, nonce having count(*) > 1
union all
select 'a nonce outlives its session: ' || n.session_nonce from portcullis.auth_nonce n
  where not exists (select from portcullis.auth_session s where s.session_nonce = n.session_nonce)`;

const RECEIPTS = `
select 'two transitions hold one request key: ' || organisation || ' ' || request_key as violation from portcullis.transition
  group by organisation, request_key having count(*) > 1
union all
select 'a transition has no receipt of its own: ' || id from portcullis.transition
  where receipt is null or (receipt->>'auditLeaf')::bigint is distinct from leaf_index`;

const SETTLEMENT = `
select 'an illegal step: ' || step.transition_id || ' ' || step.was || '>' || step.settlement as violation from (
    select e.transition_id, e.settlement, e.seq, coalesce(lag(e.settlement) over w, '') as was,
      coalesce(lag(e.seq) over w, -1) as before from portcullis.settlement_event e window w as (partition by e.transition_id order by e.seq)) step
  where step.seq <> step.before + 1
    or not case when step.seq = 0 then step.settlement = 'applied' else step.was || '>' || step.settlement = any($2::text[]) end
union all
select 'the history of a transition does not end where it stands: ' || t.id from portcullis.transition t
  where t.settlement is distinct from (
    select e.settlement from portcullis.settlement_event e where e.transition_id = t.id order by e.seq desc limit 1)
union all
select 'settled without a proof: ' || t.id from portcullis.transition t join portcullis.transaction x on x.txid = t.txid
  where t.settlement in ('mined', 'final') and x.bump is null
union all
select 'a payment settled without a proof: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.transaction x on x.txid = c.txid where c.settlement in ('mined', 'final') and x.bump is null
union all
select 'proven and not settled: ' || t.id from portcullis.transition t join portcullis.transaction x on x.txid = t.txid
  where t.settlement not in ('mined', 'final', 'retracted') and x.bump is not null
union all
select 'a payment is proven and not settled: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.transaction x on x.txid = c.txid where c.settlement not in ('mined', 'final', 'retracted') and x.bump is not null
union all
select 'a proof is not on the best chain: ' || portcullis.wire(x.txid) from portcullis.transaction x
  where x.bump is not null and not exists (select from portcullis.block_header h where h.hash = x.block_hash and h.is_best
    and h.height = x.block_height and substring(h.header from 37 for 32) = x.bump_root)`;

const AUDIT = `
select 'leaf ' || chain.index || ' does not follow from the one before' as violation from (
    select l.*, lag(l.hash) over w as before, row_number() over w - 1 as place from portcullis.audit_leaf l window w as (order by l.index)) chain
  where chain.index <> chain.place or chain.leaf_hash <> sha256(chain.leaf)
    or chain.previous_hash <> coalesce(chain.before, decode(repeat('00', 32), 'hex'))
    or chain.hash <> sha256(chain.previous_hash || chain.leaf_hash)
union all
select 'the head of the audit is not its last leaf' from portcullis.audit_head h
  where h.next_index <> (select count(*) from portcullis.audit_leaf)
    or h.hash <> coalesce((select l.hash from portcullis.audit_leaf l order by l.index desc limit 1), decode(repeat('00', 32), 'hex'))
union all
select 'the head of the audit is missing' where not exists (select from portcullis.audit_head)`;

const TENANTS = `
select 'a basket row is of another organisation than its transition: ' || portcullis.wire(portcullis.make_outpoint(b.txid, b.vout)) as violation
  from portcullis.basket_output b join portcullis.transition t on t.id = b.transition_id where t.organisation <> b.organisation
    -- The other side of an exchange fills the basket of the seller; a retracted exchange leaves what is in no basket.
    and not b.retracted and not exists (select from portcullis.offer o where o.taken_by = t.id and o.organisation = b.organisation)
union all
select 'an outbox row is of another organisation than its transition: ' || o.id from portcullis.outbox o
  join portcullis.transition t on t.id = o.transition_id where t.organisation <> o.organisation
union all
select 'a payment is of another organisation than its transition: ' || portcullis.wire(c.outpoint) from portcullis.payment_claim c
  join portcullis.transition t on t.id = c.transition_id where t.organisation <> c.organisation
union all
select 'a receipt names a basket of another organisation: ' || t.id from portcullis.transition t,
    jsonb_array_elements(t.receipt->'basketsRemoved') removed
  where not exists (select from portcullis.basket_output b where b.organisation = t.organisation and b.basket = removed->>'basket')`;

export const RECORD_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'I3',
    sentence: 'A payment output is claimed by at most one request, for no less than its terms.',
    sql: PAYMENTS,
  },
  { invariant: 'I4', sentence: 'A nonce is used at most once.', sql: NONCES },
  { invariant: 'I5', sentence: 'A request key has one request and one receipt.', sql: RECEIPTS },
  {
    invariant: 'I7',
    sentence: 'Settlement moves along its table only, and what is mined is on our best chain.',
    sql: SETTLEMENT,
  },
  { invariant: 'I9', sentence: 'The audit is dense and each leaf follows from the one before.', sql: AUDIT },
  { invariant: 'I11', sentence: 'Every row is of the organisation that its transition is of.', sql: TENANTS },
];

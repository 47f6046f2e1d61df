import type { Invariant } from './invariant';

/** As the core writes the facts of a presentation: see hashState. */
const FACTS = `(select sha256(string_agg(int4send(octet_length(fact)) || fact, ''::bytea order by fact)) from (
    select convert_to('certificate ' || encode(c.certificate_hash, 'hex'), 'UTF8')
    union all select convert_to('disclosed ' || d.key || ' ' || d.value, 'UTF8') from jsonb_each_text(c.disclosed) d) facts (fact))`;

const LEAVES = `
select 'a certificate lacks its audit leaf: ' || encode(c.certificate_hash, 'hex') as violation from portcullis.certificate c
  left join portcullis.audited_act a on a.leaf_index = c.presented_leaf and a.kind = 'presented' and a.organisation = c.organisation
    and a.ref = encode(c.certificate_hash, 'hex')
  where a.leaf_index is null
union all
-- The hash of what a decision left is the end of its leaf.
select 'the audit leaf of a certificate is of other facts: ' || encode(c.certificate_hash, 'hex') from portcullis.certificate c
  join portcullis.audit_leaf l on l.index = c.presented_leaf where substring(l.leaf from octet_length(l.leaf) - 31) <> ${FACTS}
union all
select 'a certificate was presented more than once: ' || certifier || ' ' || type || ' ' || serial_number from portcullis.certificate
  group by certifier, type, serial_number having count(*) > 1`;

const DISCLOSURES = `
select 'a disclosure is encrypted with a key that is not there: ' || encode(c.certificate_hash, 'hex') as violation from portcullis.certificate c
  left join portcullis.subject_key k on k.id = c.key_id and k.organisation = c.organisation and k.subject = c.subject
  where c.disclosure is not null and k.id is null
union all
select 'a certificate is neither disclosed nor erased: ' || encode(c.certificate_hash, 'hex') from portcullis.certificate c
  left join portcullis.audited_act a on a.leaf_index = c.erased_leaf and a.kind = 'erased' and a.organisation = c.organisation and a.ref = c.subject
  where c.disclosure is null and a.leaf_index is null
union all
select 'an erased certificate is still encrypted: ' || encode(c.certificate_hash, 'hex') from portcullis.certificate c
  where c.erased_leaf is not null and num_nonnulls(c.disclosure, c.key_id) > 0`;

const ISSUED = `
select 'an issued certificate lacks its audit leaf: ' || c.id as violation from portcullis.certification c
  left join portcullis.audited_act a on a.leaf_index = c.issued_leaf and a.kind = 'certified'
  where c.state = 'issued' and a.leaf_index is null
union all
select 'a decision about a certificate lacks its audit leaf: ' || c.id from portcullis.certification c
  left join portcullis.audited_act a on a.leaf_index = c.decided_leaf and a.kind in ('approved', 'refused') and a.ref = c.id::text
  where c.decided_leaf is not null and a.leaf_index is null
union all
select 'an issued certificate is not watched: ' || c.id from portcullis.certification c
  left join portcullis.revocation r on r.outpoint = c.outpoint where c.state = 'issued' and r.outpoint is null
union all
select 'the revocation outpoint of a certificate is not in the ledger: ' || c.id from portcullis.certification c
  left join portcullis.transaction t on t.txid = substring(c.outpoint from 1 for 32) where c.outpoint is not null and t.txid is null
union all
select 'an identity has more certificates of a type than it may: ' || c.subject || ' ' || c.type from portcullis.certification c
  left join portcullis.spent_outpoint s on s.outpoint = c.outpoint
  left join portcullis.revocation r on r.outpoint = c.outpoint and r.state = 'revoked'
  where c.state in ('pending', 'approved', 'issued') and c.revoked_leaf is null and s.outpoint is null and r.outpoint is null
  group by c.subject, c.type having count(*) > max(c.live_max)`;

const OWN = `
select 'a certificate of the gateway itself is not watched: ' || encode(c.certificate_hash, 'hex') as violation from portcullis.gateway_certificate c
  left join portcullis.revocation r on r.outpoint = c.outpoint where r.outpoint is null`;

const SPENDS = `
select 'the proof of a revocation is of another transaction: ' || encode(p.spender_txid, 'hex') as violation from portcullis.spend_proof p
  where sha256(sha256(p.raw)) <> p.spender_txid
union all
select 'the proof of a revocation does not spend its outpoint: ' || encode(v.outpoint, 'hex') from portcullis.revocation_proof v
  join portcullis.spend_proof p using (spender_txid) where position(v.outpoint in p.raw) = 0
union all
select 'the proof of a revocation is of no header of that height: ' || encode(p.spender_txid, 'hex') from portcullis.spend_proof p
  where not exists (select from portcullis.block_header h where h.height = p.height and substring(h.header from 37 for 32) = p.root)
union all
-- As find_spend_proof says it.
select 'the header chain is said to prove a revocation by another spender: ' || encode(r.outpoint, 'hex') from portcullis.revocation r
  where r.state = 'revoked' and r.source like 'the header chain at height %'
    and not exists (select from portcullis.revocation_proof v where v.outpoint = r.outpoint and v.spender_txid = r.spender_txid)`;

export const CERTIFICATE_INVARIANTS: readonly Invariant[] = [
  { invariant: 'I18', sentence: 'A certificate is one, and its audit leaf says what it disclosed.', sql: LEAVES },
  {
    invariant: 'I19',
    sentence: 'What was disclosed is encrypted with the key of its subject, or was erased.',
    sql: DISCLOSURES,
  },
  {
    invariant: 'I24',
    sentence:
      'What this gateway certified was decided and signed once, for no more than an identity may have, and its revocation outpoint is in the ledger and watched.',
    sql: ISSUED,
  },
  {
    invariant: 'I28',
    sentence: 'What certifies the gateway itself is watched for its revocation.',
    sql: OWN,
  },
  {
    invariant: 'I31',
    sentence:
      'What proves a revocation is the transaction that is said to spend its outpoint, and does, with the root of a header that we have.',
    sql: SPENDS,
  },
];

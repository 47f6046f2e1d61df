import { txidFromWire } from '#atomic-core';
import type { Outpoint, Txid } from '#atomic-core';
import { hexOf, onlyRow, runStatement, wireHex } from './database';
import type { Database } from './database';
import { tenantOf } from './tenant';

/** What is known here of one revocation outpoint: what its sources said last, or that this ledger or the header chain knows who spends it. */
export type KnownRevocation = { readonly lookedAt: Date; readonly source: string } &
  /** Height: of the best header here when the answer was written down; undefined where there was none. */
  (
    | { readonly state: 'good'; readonly asOf: Date; readonly asOfHeight: number | undefined }
    | { readonly state: 'revoked'; readonly spenderTxid: Txid; readonly revokedAt: Date }
    | { readonly state: 'unknown' }
  );

/** That a transaction is mined, as it was verified against our best chain; that it spends the outpoint was verified with it. */
export interface SpendProof {
  readonly raw: Uint8Array;
  readonly bump: Uint8Array;
  readonly height: number;
  /** Display order. */
  readonly root: string;
  /** Who brought it. */
  readonly source: string;
}

/** What the sources said together, asked at one moment. */
export type RevocationReport = {
  readonly outpoint: Outpoint;
  /** When they were asked. */
  readonly lookedAt: Date;
  readonly source: string;
} &
  /** Silent: sources that could not say. Where one of them said REVOKED that stands, whoever says GOOD. */
  (
    | { readonly state: 'good'; readonly asOf: Date; readonly silent?: readonly string[] }
    /** With a proof, nothing but a reorg takes it back. */
    | { readonly state: 'revoked'; readonly spenderTxid: Txid; readonly proof?: SpendProof }
    /** Silent: none of them could say. What was known stays, and grows older. Else they contradict each other, and nothing is known any more. */
    | { readonly state: 'unknown'; readonly isSilent: boolean }
  );

interface RevocationRow {
  readonly state: 'good' | 'revoked' | 'unknown';
  readonly as_of: Date | null;
  readonly as_of_height: number | null;
  readonly source: string;
  readonly spender_txid: Buffer | null;
  readonly revoked_at: Date | null;
  readonly looked_at: Date;
}

/** Undefined: no certificate that was presented here names it. */
export const findRevocation = async (db: Database, outpoint: Outpoint): Promise<KnownRevocation | undefined> => {
  const [row] = await runStatement<RevocationRow[]>(
    db,
    `select r.state, r.as_of, r.as_of_height, r.revoked_at, r.looked_at,
       case when p.spender_txid is not null then p.proven_by when s.spender_txid is not null then 'this ledger' else r.source end as source,
       coalesce(p.spender_txid, s.spender_txid, r.spender_txid) as spender_txid
     from portcullis.revocation r left join portcullis.spent_outpoint s on s.outpoint = r.outpoint
       left join lateral portcullis.find_spend_proof(r.outpoint) p on true where r.outpoint = $1`,
    [outpoint],
  );
  if (row === undefined) return undefined;
  const { source, looked_at: lookedAt, as_of: asOf, spender_txid: spender, revoked_at: revokedAt } = row;
  if (spender !== null)
    return { state: 'revoked', source, lookedAt, spenderTxid: txidFromWire(spender), revokedAt: revokedAt ?? lookedAt };
  return row.state === 'good' && asOf !== null
    ? { state: 'good', source, lookedAt, asOf, asOfHeight: row.as_of_height ?? undefined }
    : { state: 'unknown', source, lookedAt };
};

/** A transaction that somebody said spends the outpoint. */
export interface NamedSpend {
  readonly spenderTxid: Txid;
  /** In words, where we keep its proof and our best chain still has that block. */
  readonly provenBy: string | undefined;
}

export const findNamedSpend = async (db: Database, outpoint: Outpoint): Promise<NamedSpend | undefined> => {
  const [row] = await runStatement<{ spender: Buffer | null; provenBy: string | null }[]>(
    db,
    `select coalesce(p.spender_txid, (select v.spender_txid from portcullis.revocation_proof v join portcullis.spend_proof s using (spender_txid)
         where v.outpoint = r.outpoint order by s.proven_at desc limit 1), r.spender_txid) as spender, p.proven_by as "provenBy"
     from portcullis.revocation r left join lateral portcullis.find_spend_proof(r.outpoint) p on true where r.outpoint = $1`,
    [outpoint],
  );
  if (row === undefined || row.spender === null) return undefined;
  return { spenderTxid: txidFromWire(row.spender), provenBy: row.provenBy ?? undefined };
};

/** Of all certificates that name this outpoint: those that were presented here, also those that were erased since; those that this gateway issued; and its own. */
export const listCertifiers = async (db: Database, outpoint: Outpoint): Promise<readonly string[]> => {
  const rows = await runStatement<{ certifier: string }[]>(
    db,
    `select c.certifier from portcullis.certificate c where c.revocation_outpoint = $1
     union select i.certifier from portcullis.certification i where i.outpoint = $1 and i.state = 'issued'
     union select g.certifier from portcullis.gateway_certificate g where g.outpoint = $1`,
    [outpoint],
  );
  return rows.map(({ certifier }) => certifier);
};

const writeProof = ({ raw, bump, height, root, source }: SpendProof): unknown => ({
  ...{ raw: hexOf(raw), bump: hexOf(bump), height, root: wireHex(root as Txid), source },
});

/** False: it is not watched, was asked about later than this already, or what is known outweighs it. A revocation ends the sessions of whom the certificate names, in the same statement. */
export const recordRevocation = async (db: Database, report: RevocationReport): Promise<boolean> => {
  const asked = {
    ...{ outpoint: hexOf(report.outpoint), state: report.state, source: report.source },
    lookedAt: report.lookedAt.toISOString(),
    ...(report.state === 'good' && { asOf: report.asOf.toISOString(), silent: report.silent ?? [] }),
    ...(report.state === 'revoked' && { spender: wireHex(report.spenderTxid) }),
    ...(report.state === 'revoked' && report.proof !== undefined && { proof: writeProof(report.proof) }),
    ...(report.state === 'unknown' && { isSilent: report.isSilent }),
  };
  const rows = await runStatement<{ recorded: boolean }[]>(
    db,
    'select portcullis.record_revocation($1::jsonb) as recorded',
    [JSON.stringify(asked)],
  );
  return onlyRow(rows).recorded;
};

export interface RevocationClaim {
  /** outpoints a minute, over all replicas. */
  readonly ratePerMinute: number;
  readonly most: number;
  /** milliseconds: how old an answer has to be to be asked for again. */
  readonly dueMs: number;
  /** milliseconds until another replica may ask about what this one did not come back from. */
  readonly leaseMs: number;
}

/** Outpoints whose answers are the oldest, for the caller to ask about; those of erased certificates are nobody's any more, and those that are spent here or proven to be are not asked about. */
export const claimRevocations = async (
  db: Database,
  { ratePerMinute, most, dueMs, leaseMs }: RevocationClaim,
): Promise<readonly Outpoint[]> => {
  const rows = await runStatement<{ outpoint: Buffer }[]>(
    db,
    `select outpoint from portcullis.claim_revocations($1, $2, $3 * interval '1 millisecond', $4 * interval '1 millisecond') given (outpoint)`,
    [ratePerMinute, most, dueMs, leaseMs],
  );
  return rows.map(({ outpoint }) => outpoint as unknown as Outpoint);
};

/** As claim_revocations has it: certificates in use that were presented, those that this gateway issued, and its own. */
const IS_WATCHED = `r.outpoint in (
  select c.revocation_outpoint from portcullis.certificate c where c.key_id is not null
  union all select i.outpoint from portcullis.certification i where i.state = 'issued'
  union all select g.outpoint from portcullis.gateway_certificate g)`;

/** Of the outpoints that are watched. */
export interface RevocationFigures {
  readonly good: number;
  readonly revoked: number;
  readonly unknown: number;
  /** seconds: of the oldest GOOD. */
  readonly oldestAgeSeconds: number;
}

export const measureRevocations = async (db: Database): Promise<RevocationFigures> =>
  onlyRow(
    await runStatement<RevocationFigures[]>(
      db,
      `select count(*) filter (where r.state = 'good')::int as good, count(*) filter (where r.state = 'revoked')::int as revoked,
         count(*) filter (where r.state = 'unknown')::int as unknown,
         coalesce(extract(epoch from now() - min(r.as_of)), 0)::float8 as "oldestAgeSeconds"
       from portcullis.revocation r where ${IS_WATCHED}`,
      [],
    ),
  );

/** How old what is known is of one outpoint that is watched. */
export interface RevocationAge {
  readonly outpoint: Outpoint;
  readonly state: 'good' | 'unknown';
  /** seconds: since the time for which all sources said GOOD; where nobody can say, since they were asked last. */
  readonly ageSeconds: number;
}

/** Those of which nothing is known, then the oldest answers. Of what is revoked nothing grows old. */
export const listOldestRevocations = async (db: Database, most: number): Promise<readonly RevocationAge[]> => {
  const rows = await runStatement<(Omit<RevocationAge, 'outpoint'> & { outpoint: Buffer })[]>(
    db,
    `select r.outpoint, r.state, extract(epoch from now() - coalesce(r.as_of, r.looked_at))::float8 as "ageSeconds"
     from portcullis.revocation r
     where r.state <> 'revoked' and ${IS_WATCHED}
     order by r.state = 'good', coalesce(r.as_of, r.looked_at), r.outpoint limit $1`,
    [most],
  );
  return rows.map(({ outpoint, ...rest }) => ({ ...rest, outpoint: outpoint as unknown as Outpoint }));
};

export interface HeldReservation {
  readonly organisation: string;
  readonly id: string;
}

/** Reservations that were made before a certificate of whoever holds them was revoked. */
export const listRevokedReservations = (db: Database, most: number): Promise<HeldReservation[]> =>
  runStatement<HeldReservation[]>(db, 'select organisation, id from portcullis.list_revoked_reservations($1)', [most]);

/** A transition that was allowed on a certificate, with what was known of it when it was committed. */
export interface ReliedDecision {
  readonly transitionId: string;
  readonly txid: Txid;
  readonly identityKey: string;
  readonly auditLeaf: number;
  readonly at: Date;
  readonly state: 'good' | 'unknown' | 'not-revocable';
  readonly asOf: Date | null;
  readonly asOfHeight: number | null;
  readonly source: string;
  /** Hex. */
  readonly policyVersion: string | null;
  readonly settlement: string;
}

export interface ReliancePage {
  readonly organisation: string;
  /** 32 bytes. */
  readonly certificateHash: Uint8Array;
  /** Audit leaves above this one; -1 for all. */
  readonly after: number;
  readonly limit: number;
}

/** The transitions of the organisation that relied on this certificate, in the order of their COMMITs. */
export const listReliances = async (
  db: Database,
  { organisation, certificateHash, after, limit }: ReliancePage,
): Promise<readonly ReliedDecision[]> => {
  const rows = await runStatement<(Omit<ReliedDecision, 'txid' | 'auditLeaf'> & { txid: Buffer; leaf: string })[]>(
    tenantOf(db, organisation),
    `select t.id as "transitionId", t.txid, t.identity_key as "identityKey", t.leaf_index as leaf, t.created_at as at, l.state, l.as_of as "asOf", l.as_of_height as "asOfHeight", l.source,
       encode(t.policy_version, 'hex') as "policyVersion", t.settlement
     from portcullis.reliance l join portcullis.transition t on t.id = l.transition_id
     where l.certificate_hash = $1 and t.organisation = $2 and t.leaf_index > $3 order by t.leaf_index limit $4`,
    [certificateHash, organisation, after, limit],
  );
  return rows.map(({ txid, leaf, ...row }) => ({ ...row, txid: txidFromWire(txid), auditLeaf: Number(leaf) }));
};

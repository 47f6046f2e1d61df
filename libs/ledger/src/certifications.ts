import { accept, printOutpoint, txidFromWire } from '#atomic-core';
import type { Outpoint, Result, Txid } from '#atomic-core';
import { writeActLeaf, type SubjectKey } from './certificates';
import { hexOf, onlyRow, runRefusable, runStatement } from './database';
import type { Database } from './database';
import type { Actor } from './offers';

/** `withdrawn`: its subject erased what it disclosed, before it was signed. */
export type CertificationState = 'pending' | 'approved' | 'refused' | 'issued' | 'withdrawn';

/** A request for a certificate of this gateway, and what became of it. */
export interface Certification {
  /** UUID. */
  readonly id: string;
  readonly organisation: string;
  readonly subject: string;
  readonly type: string;
  readonly state: CertificationState;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly serialNumber: string;
  /** Base64 of the ciphertexts, by name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly keyId: string | undefined;
  /** Encrypted under the subject's key; undefined once erased. */
  readonly disclosure: Buffer | undefined;
  readonly outpoint: Outpoint | undefined;
  /** The key that signed it. */
  readonly certifier: string | undefined;
  /** DER. */
  readonly signature: Buffer | undefined;
  /** Somebody ordered its revocation. */
  readonly isRevoking: boolean;
  /** A spender of the outpoint, known to this ledger or told by its sources. */
  readonly revokedBy: Txid | undefined;
  readonly askedAt: Date;
  readonly decidedBy: string | undefined;
}

/** The actor is the subject. */
export interface CertificationQuestion {
  readonly actor: Actor;
  readonly id: string;
  readonly type: string;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly serialNumber: string;
  readonly fields: ReadonlyMap<string, string>;
  /** 32 octets: equal where the same is to be certified. */
  readonly content: Uint8Array;
  readonly disclosure: Uint8Array;
  readonly key: SubjectKey & { readonly isNew: boolean };
  readonly state: 'pending' | 'approved';
  /** How many the subject may have of this type. */
  readonly liveMax: number;
}

/**
 * Keeps a request, or finds it: the same nonce is the same request, and the same content under another nonce is one that is asked for again. The id of the
 * certification; undefined: encrypt with the key that is there now. Refused: `certification-conflict`, `certification-exhausted`.
 */
export const askCertification = async (
  db: Database,
  { actor, fields, content, disclosure, key, ...rest }: CertificationQuestion,
): Promise<Result<string | undefined>> => {
  const asked = {
    ...rest,
    ...{ organisation: actor.organisation, subject: actor.identityKey, fields: Object.fromEntries(fields) },
    ...{ content: hexOf(content), disclosure: hexOf(disclosure), keyId: key.id },
    ...(key.isNew && { newKey: { wrapped: hexOf(key.wrapped), wrappedBy: key.wrappedBy } }),
  };
  const done = await runRefusable<{ answer: { id: string } | null }[]>(
    db,
    'select portcullis.ask_certification($1::jsonb) as answer',
    [JSON.stringify(asked)],
  );
  return done.ok ? accept(onlyRow(done.value).answer?.id) : done;
};

export interface CertificationDecision {
  readonly id: string;
  readonly verdict: 'approved' | 'refused';
  /** By type, how many one identity may have: who was refused may have taken the room since. A type that is not there has none. */
  readonly liveMaxOf: ReadonlyMap<string, number>;
}

/**
 * The leaf of the decision; undefined: it was decided so before. Refused: `certification-unknown`, `certification-conflict`, `certification-busy`,
 * `certification-exhausted`.
 */
export const decideCertification = async (
  db: Database,
  actor: Actor,
  { id, verdict, liveMaxOf }: CertificationDecision,
): Promise<Result<number | undefined>> => {
  const leaf = writeActLeaf(actor, { decision: verdict, subject: id, before: [], after: [`${verdict} ${id}`] });
  const { organisation, identityKey } = actor;
  const done = await runRefusable<{ leaf: string | null }[]>(
    db,
    'select portcullis.decide_certification($1::jsonb) as leaf',
    [JSON.stringify({ id, verdict, organisation, identityKey, leaf, liveMaxOf: Object.fromEntries(liveMaxOf) })],
  );
  if (!done.ok) return done;
  const { leaf: place } = onlyRow(done.value);
  return accept(place === null ? undefined : Number(place));
};

/** False: another talks to the wallet about it, or it is not to be signed any more. The lease ends by itself, should its holder die. */
export const leaseCertification = async (db: Database, id: string, leaseMs: number): Promise<boolean> => {
  const [row] = await runStatement<{ leased: boolean }[]>(
    db,
    `with leased as (
       update portcullis.certification c set leased_until = clock_timestamp() + $2 * interval '1 millisecond'
       where c.id = $1 and c.state = 'approved' and c.revoked_leaf is null and (c.leased_until is null or c.leased_until < clock_timestamp()) returning 1
     ) select exists (select from leased) as leased`,
    [id, leaseMs],
  );
  return row?.leased === true;
};

export const releaseCertification = async (db: Database, id: string): Promise<void> => {
  await runStatement(db, 'update portcullis.certification c set leased_until = null where c.id = $1', [id]);
};

/** Its revocation outpoint, which is in the ledger. Once: whoever comes second with another is told nothing, and finds the first. */
export const keepOutpoint = async (db: Database, id: string, outpoint: Outpoint): Promise<void> => {
  await runStatement(db, 'update portcullis.certification c set outpoint = $2 where c.id = $1 and c.outpoint is null', [
    ...[id, Buffer.from(outpoint)],
  ]);
};

export interface IssuedOutpoint {
  /** The key that signed the certificate. */
  readonly certifier: string;
  /** Somebody ordered its revocation. */
  readonly isRevoking: boolean;
}

/** The certificate with this revocation outpoint; undefined: no certificate of this gateway has it. */
export const findIssuedOutpoint = async (db: Database, outpoint: Outpoint): Promise<IssuedOutpoint | undefined> => {
  const [row] = await runStatement<IssuedOutpoint[]>(
    db,
    `select c.certifier, c.revoked_leaf is not null as "isRevoking" from portcullis.certification c where c.outpoint = $1 and c.state = 'issued'`,
    [Buffer.from(outpoint)],
  );
  return row;
};

export interface SignedCertification {
  readonly id: string;
  readonly serialNumber: string;
  readonly outpoint: Outpoint;
  readonly certifier: string;
  readonly signature: Uint8Array;
  /** SHA-256 of the certificate. */
  readonly hash: Uint8Array;
}

/** False: it is not the request any more that was signed. From here on the outpoint is watched. */
export const issueCertification = async (
  db: Database,
  actor: Actor,
  { id, serialNumber, outpoint, certifier, signature, hash }: SignedCertification,
): Promise<boolean> => {
  const printed = hexOf(hash);
  const after = [`certificate ${printed}`, `revocation outpoint ${printOutpoint(outpoint)}`];
  const leaf = writeActLeaf(actor, { decision: 'certified', subject: printed, before: [], after });
  const asked = { id, serialNumber, certifier, organisation: actor.organisation, hash: printed, leaf };
  const rows = await runStatement<{ leaf: string | null }[]>(
    db,
    'select portcullis.issue_certification($1::jsonb) as leaf',
    [JSON.stringify({ ...asked, outpoint: hexOf(outpoint), signature: hexOf(signature) })],
  );
  return onlyRow(rows).leaf !== null;
};

/** Leases it for its revocation. Refused: `certification-unknown`, `certification-conflict`, `certification-busy`. */
export const beginRevocation = async (
  db: Database,
  actor: Actor,
  { id, leaseMs }: { readonly id: string; readonly leaseMs: number },
): Promise<Result<undefined>> => {
  const leaf = writeActLeaf(actor, { decision: 'revoked', subject: id, before: [], after: [`revoked ${id}`] });
  const done = await runRefusable<unknown[]>(
    db,
    `select portcullis.begin_revocation($1::jsonb, $2 * interval '1 millisecond')`,
    [JSON.stringify({ id, organisation: actor.organisation, leaf }), leaseMs],
  );
  return done.ok ? accept(undefined) : done;
};

interface CertificationRow {
  readonly id: string;
  readonly organisation: string;
  readonly subject: string;
  readonly type: string;
  readonly state: CertificationState;
  readonly client_nonce: string;
  readonly server_nonce: string;
  readonly serial_number: string;
  readonly fields: Record<string, string>;
  readonly key_id: string | null;
  readonly disclosure: Buffer | null;
  readonly outpoint: Buffer | null;
  readonly certifier: string | null;
  readonly signature: Buffer | null;
  readonly revoked_by: Buffer | null;
  readonly revoked_leaf: string | null;
  readonly asked_at: Date;
  readonly decided_by: string | null;
}

const SELECT = `select c.*, coalesce(s.spender_txid, r.spender_txid) as revoked_by from portcullis.certification c
  left join portcullis.spent_outpoint s on s.outpoint = c.outpoint left join portcullis.revocation r on r.outpoint = c.outpoint`;

const inOrder = (fields: Record<string, string>): ReadonlyMap<string, string> =>
  new Map(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));

const readRow = (row: CertificationRow): Certification => ({
  ...{ id: row.id, organisation: row.organisation, subject: row.subject, type: row.type, state: row.state },
  ...{ clientNonce: row.client_nonce, serverNonce: row.server_nonce, serialNumber: row.serial_number },
  fields: inOrder(row.fields),
  keyId: row.key_id ?? undefined,
  disclosure: row.disclosure ?? undefined,
  outpoint: (row.outpoint ?? undefined) as unknown as Outpoint | undefined,
  certifier: row.certifier ?? undefined,
  signature: row.signature ?? undefined,
  isRevoking: row.revoked_leaf !== null,
  revokedBy: row.revoked_by === null ? undefined : txidFromWire(row.revoked_by),
  askedAt: row.asked_at,
  decidedBy: row.decided_by ?? undefined,
});

export const findCertification = async (db: Database, id: string): Promise<Certification | undefined> => {
  const [row] = await runStatement<CertificationRow[]>(db, `${SELECT} where c.id = $1`, [id]);
  return row && readRow(row);
};

export interface CertificationPage {
  readonly state: CertificationState | undefined;
  /** The id of the last one of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** The oldest first. */
export const listCertifications = async (
  db: Database,
  { state, after, limit }: CertificationPage,
): Promise<readonly Certification[]> => {
  const rows = await runStatement<CertificationRow[]>(
    db,
    `${SELECT} where ($1::text is null or c.state = $1)
       and ($2::uuid is null or (c.asked_at, c.id) > (select p.asked_at, p.id from portcullis.certification p where p.id = $2))
     order by c.asked_at, c.id limit $3`,
    [state ?? null, after ?? null, limit],
  );
  return rows.map(readRow);
};

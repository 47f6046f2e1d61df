import { accept, encodeLeaf, hashState, txidFromWire } from '#atomic-core';
import type { AuditDecision, Outpoint, Result, Txid } from '#atomic-core';
import { hexOf, onlyRow, runRefusable, runStatement } from './database';
import type { Database } from './database';
import type { Actor } from './offers';
import { tenantOf } from './tenant';

/** The key under which everything that one subject disclosed to one organisation is encrypted, as it is stored. */
export interface SubjectKey {
  /** UUID. */
  readonly id: string;
  readonly wrapped: Uint8Array;
  /** Identity key of the gateway that wrapped it. */
  readonly wrappedBy: string;
}

/** What was found out about the revocation outpoint when the certificate was presented. */
export interface RevocationFinding {
  readonly state: 'good' | 'unknown' | 'not-revocable';
  readonly source: string;
  /** ISO 8601. */
  readonly asOf: string;
}

interface CertificateName {
  readonly certifier: string;
  readonly type: string;
  readonly serialNumber: string;
}

/** The actor is the subject. */
export interface Presentation extends CertificateName {
  readonly actor: Actor;
  /** SHA-256 of the certificate. */
  readonly hash: Uint8Array;
  readonly revocationOutpoint: Outpoint | undefined;
  readonly revocation: RevocationFinding;
  /** The subject itself asks for it, by a request. A client answers the question of a handshake unasked, and would undo an erasure with each new session. */
  readonly isWished: boolean;
  /** Name of each field that is stored → hash of its value under the subject's key, hex. */
  readonly disclosed: ReadonlyMap<string, string>;
  /** Encrypted under the subject's key. */
  readonly disclosure: Uint8Array;
  /** `isNew`: made for this presentation, and stored with it where the subject has none. */
  readonly key: SubjectKey & { readonly isNew: boolean };
}

export interface PresentationOutcome {
  /** `known`: the same was presented before, and nothing changed. `key-changed`: encrypt with the key that is there now, and ask again. */
  readonly kind: 'presented' | 'known' | 'key-changed';
  readonly auditLeaf: number | undefined;
}

export interface StoredCertificate extends CertificateName {
  readonly hash: Buffer;
  readonly fields: readonly string[];
  readonly revocation: RevocationFinding;
  readonly revocationOutpoint: Outpoint | undefined;
  /** A spender of the revocation outpoint, known to this ledger or told by its sources. */
  readonly revokedBy: Txid | undefined;
  readonly keyId: string | undefined;
  /** Undefined once erased. */
  readonly disclosure: Buffer | undefined;
  readonly presentedLeaf: number;
  readonly presentedAt: Date;
}

type Subject = Pick<Actor, 'organisation' | 'identityKey'>;

interface Act {
  readonly decision: AuditDecision;
  readonly subject: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The leaf of a decision, in hex. */
export const writeActLeaf = (actor: Actor, { decision, subject, before, after }: Act): string =>
  hexOf(
    encodeLeaf({
      ...{ decision, atMs: Date.now(), subject, ...actor },
      ...{ beforeHash: hashState(before), afterHash: hashState(after) },
    }),
  );

export const findSubjectKey = async (
  db: Database,
  { organisation, identityKey }: Subject,
): Promise<SubjectKey | undefined> => {
  const [row] = await runStatement<SubjectKey[]>(
    tenantOf(db, organisation),
    `select k.id, k.wrapped, k.wrapped_by as "wrappedBy" from portcullis.subject_key k where k.organisation = $1 and k.subject = $2`,
    [organisation, identityKey],
  );
  return row;
};

/**
 * Keeps a certificate that was verified, with what it disclosed, in one statement with its audit leaf.
 * Refused: `certificate-conflict`, `certificate-revoked`, `certificate-erased`.
 */
export const presentCertificate = async (
  db: Database,
  { actor, hash, revocationOutpoint, disclosed, disclosure, key, ...rest }: Presentation,
): Promise<Result<PresentationOutcome>> => {
  const printed = hexOf(hash);
  const facts = [...disclosed].map(([name, keyedHash]) => `disclosed ${name} ${keyedHash}`);
  const leaf = writeActLeaf(actor, {
    ...{ decision: 'presented', subject: printed, before: [] },
    after: [`certificate ${printed}`, ...facts],
  });
  const asked = {
    ...rest,
    ...{ organisation: actor.organisation, subject: actor.identityKey, hash: printed, leaf },
    ...{ disclosed: Object.fromEntries(disclosed), disclosure: hexOf(disclosure) },
    keyId: key.id,
    ...(key.isNew && { newKey: { wrapped: hexOf(key.wrapped), wrappedBy: key.wrappedBy } }),
    ...(revocationOutpoint !== undefined && { revocationOutpoint: hexOf(revocationOutpoint) }),
  };
  const done = await runRefusable<{ answer: { outcome: 'presented' | 'known'; leaf: number } | null }[]>(
    db,
    'select portcullis.present_certificate($1::jsonb) as answer',
    [JSON.stringify(asked)],
  );
  if (!done.ok) return done;
  const { answer } = onlyRow(done.value);
  if (answer === null) return accept({ kind: 'key-changed', auditLeaf: undefined });
  return accept({ kind: answer.outcome, auditLeaf: answer.leaf });
};

export interface Erasure {
  readonly erased: number;
  readonly auditLeaf: number;
}

/**
 * Destroys the key of the actor and everything that is encrypted with it. Undefined: nothing is stored under this key; look again. What the audit says stays
 * as it is, and nobody can say any more which values its hashes are of.
 */
export const eraseDisclosures = async (
  db: Database,
  actor: Actor,
  key: Pick<SubjectKey, 'id'>,
): Promise<Erasure | undefined> => {
  const { organisation, identityKey } = actor;
  const leaf = writeActLeaf(actor, {
    ...{ decision: 'erased', subject: identityKey, before: [`subject key ${key.id}`], after: [] },
  });
  const rows = await runStatement<{ answer: { erased: number; leaf: number } | null }[]>(
    tenantOf(db, organisation),
    'select portcullis.erase_disclosures($1::jsonb) as answer',
    [JSON.stringify({ organisation, subject: identityKey, keyId: key.id, leaf })],
  );
  const { answer } = onlyRow(rows);
  return answer === null ? undefined : { erased: answer.erased, auditLeaf: answer.leaf };
};

interface CertificateRow {
  readonly certifier: string;
  readonly type: string;
  readonly serial_number: string;
  readonly certificate_hash: Buffer;
  readonly fields: string[];
  readonly revocation: RevocationFinding;
  readonly revocation_outpoint: Buffer | null;
  readonly revoked_by: Buffer | null;
  readonly key_id: string | null;
  readonly disclosure: Buffer | null;
  readonly presented_leaf: string;
  readonly presented_at: Date;
}

/** Certificates of the subject that are kept here, in the order of their names. At most `limit`. */
export const listCertificates = async (
  db: Database,
  { organisation, identityKey }: Subject,
  limit: number,
): Promise<readonly StoredCertificate[]> => {
  const rows = await runStatement<CertificateRow[]>(
    db,
    `select c.*, array(select jsonb_object_keys(c.disclosed) order by 1) as fields, coalesce(s.spender_txid, r.spender_txid) as revoked_by
     from portcullis.certificates_of($1, $2, $3) c left join portcullis.spent_outpoint s on s.outpoint = c.revocation_outpoint
     left join portcullis.revocation r on r.outpoint = c.revocation_outpoint
     order by c.certifier, c.type, c.serial_number`,
    [organisation, identityKey, limit],
  );
  return rows.map((row) => ({
    ...{ certifier: row.certifier, type: row.type, serialNumber: row.serial_number, hash: row.certificate_hash },
    ...{ fields: row.fields, revocation: row.revocation, keyId: row.key_id ?? undefined },
    revocationOutpoint: (row.revocation_outpoint ?? undefined) as unknown as Outpoint | undefined,
    revokedBy: row.revoked_by === null ? undefined : txidFromWire(row.revoked_by),
    disclosure: row.disclosure ?? undefined,
    presentedLeaf: Number(row.presented_leaf),
    presentedAt: row.presented_at,
  }));
};

/** Who spends an output, as far as this ledger knows. That it knows nobody proves nothing. */
export const findSpender = async (db: Database, outpoint: Outpoint): Promise<Txid | undefined> => {
  const [row] = await runStatement<{ spender: Buffer }[]>(
    db,
    'select s.spender_txid as spender from portcullis.spent_outpoint s where s.outpoint = $1',
    [outpoint],
  );
  return row && txidFromWire(row.spender);
};

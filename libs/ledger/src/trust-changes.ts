import { accept, encodeLeaf, hashState, reject, sha256, writeCanonicalJson, writeBundleJson } from '#atomic-core';
import type { AuditDecision, CertificateRule, Result, TrustBundle } from '#atomic-core';
import { hexOf, runRefusable, runStatement } from './database';
import type { Database } from './database';
import type { Actor } from './offers';
import { tenantOf } from './tenant';

/** What a change does. `until`, where it is, is ISO 8601. */
export type TrustContent =
  | ({
      readonly kind: 'add';
      readonly until?: string;
      /** DER in hex, for bundles. */
      readonly endorsement?: string;
    } & CertificateRule)
  | { readonly kind: 'pin'; readonly gateway: string; readonly organisation: string }
  /** The id of a rule or of a pin. */
  | { readonly kind: 'end'; readonly id: string }
  /** Verified before. */
  | { readonly kind: 'import'; readonly bundle: TrustBundle };

export interface TrustTerms {
  /** Distinct identities of the organisation that have to agree, the proposer among them. */
  readonly needed: number;
  /** Identity keys that are members now: who was one when it agreed and is none any more does not count. */
  readonly members: readonly string[];
  /** The provider that people log in with today; undefined: nobody does, and no account counts. */
  readonly issuer?: string | undefined;
  /** Rules of the configuration, which every organisation has. */
  readonly configured: readonly CertificateRule[];
}

export interface TrustProposal extends TrustTerms {
  readonly actor: Actor;
  /** UUID. */
  readonly id: string;
  readonly content: TrustContent;
  /** The moment at which it is to take effect; undefined, or over by then: as soon as enough agree. */
  readonly effectiveAt: Date | undefined;
}

export type TrustChangeState = 'proposed' | 'scheduled' | 'effective' | 'withdrawn';

export interface TrustChange {
  readonly id: string;
  readonly place: number;
  readonly kind: TrustContent['kind'];
  readonly content: Readonly<Record<string, unknown>>;
  /** SHA-256 of the content in canonical JSON, hex: what the leaves are about. */
  readonly contentHash: string;
  readonly state: TrustChangeState;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly effectiveAt: Date | undefined;
  readonly tookEffectAt: Date | undefined;
  readonly approvalsNeeded: number;
  /** In the order in which they agreed. */
  readonly approvals: readonly { readonly identityKey: string; readonly auditLeaf: number }[];
  readonly withdrawnBy: string | undefined;
}

const writeContent = (content: TrustContent): string => {
  if (content.kind === 'import') return writeCanonicalJson({ bundle: writeBundleJson(content.bundle) });
  const { kind: _kind, ...rest } = content;
  return writeCanonicalJson('fields' in rest ? { ...rest, fields: [...rest.fields].sort() } : rest);
};

const writeTrustLeaf = (decision: AuditDecision, actor: Actor, facts: { id: string; after: readonly string[] }) =>
  hexOf(
    encodeLeaf({
      ...{ decision, atMs: Date.now(), subject: facts.id, ...actor },
      ...{ beforeHash: hashState([]), afterHash: hashState(facts.after) },
    }),
  );

interface ChangeFacts {
  readonly kind: TrustContent['kind'];
  readonly id: string;
  readonly hash: string;
  readonly effectiveAt: Date | undefined;
}

/** What the leaves of a change are about; fsck writes it once more (sql/invariants-trust). */
const writeFacts = ({ kind, id, hash, effectiveAt }: ChangeFacts): readonly string[] => [
  `${kind} ${id} ${hash} ${effectiveAt?.toISOString() ?? 'at once'}`,
];

const writeTerms = ({ needed, members, issuer, configured }: TrustTerms) => ({
  needed,
  members,
  issuer,
  configured: configured.map(({ certifier, type, fields }) => ({ certifier, type, fields: [...fields].sort() })),
});

interface ChangeRow {
  readonly id: string;
  readonly place: string;
  readonly kind: TrustContent['kind'];
  readonly content: string;
  readonly state: TrustChangeState;
  readonly proposed_by: string;
  readonly proposed_at: Date;
  readonly effective_at: Date | null;
  readonly took_effect_at: Date | null;
  readonly approvals_needed: number;
  readonly approvals: { identityKey: string; auditLeaf: number }[];
  readonly withdrawn_by: string | null;
}

const CHANGES = `select c.*, case when c.withdrawn_at is not null then 'withdrawn' when c.agreed_at is null then 'proposed'
    when c.took_effect_at > clock_timestamp() then 'scheduled' else 'effective' end as state,
    (select jsonb_agg(jsonb_build_object('identityKey', a.identity_key, 'auditLeaf', a.leaf_index) order by a.leaf_index)
     from portcullis.trust_approval a where a.change_id = c.id) as approvals
  from portcullis.trust_change c`;

const hashContent = (content: string): string => hexOf(sha256(Buffer.from(content, 'utf8')));

const readChange = (row: ChangeRow): TrustChange => ({
  ...{ id: row.id, place: Number(row.place), kind: row.kind, state: row.state, proposedBy: row.proposed_by },
  content: JSON.parse(row.content) as Record<string, unknown>,
  contentHash: hashContent(row.content),
  ...{ proposedAt: row.proposed_at, approvalsNeeded: row.approvals_needed, approvals: row.approvals },
  effectiveAt: row.effective_at ?? undefined,
  tookEffectAt: row.took_effect_at ?? undefined,
  withdrawnBy: row.withdrawn_by ?? undefined,
});

export const findTrustChange = async (
  db: Database,
  organisation: string,
  id: string,
): Promise<TrustChange | undefined> => {
  const sql = `${CHANGES} where c.organisation = $1 and c.id = $2`;
  const [row] = await runStatement<ChangeRow[]>(tenantOf(db, organisation), sql, [organisation, id]);
  return row && readChange(row);
};

export interface TrustChangePage {
  readonly limit: number;
  /** The place of the last change of the page before. */
  readonly before: number | undefined;
}

/** Newest first, whatever has become of them. */
export const listTrustChanges = async (
  db: Database,
  organisation: string,
  { limit, before }: TrustChangePage,
): Promise<readonly TrustChange[]> => {
  const sql = `${CHANGES} where c.organisation = $1 and ($2::bigint is null or c.place < $2) order by c.place desc limit $3`;
  const rows = await runStatement<ChangeRow[]>(tenantOf(db, organisation), sql, [organisation, before ?? null, limit]);
  return rows.map(readChange);
};

/** Runs one act and answers what the change is then. */
const act = async (
  db: Database,
  sql: string,
  asked: { id: string; organisation: string },
): Promise<Result<TrustChange>> => {
  const done = await runRefusable(tenantOf(db, asked.organisation), sql, [JSON.stringify(asked)]);
  if (!done.ok) return done;
  const change = await findTrustChange(db, asked.organisation, asked.id);
  return change === undefined ? reject('trust-change-unknown') : accept(change);
};

/**
 * Proposes a change; whoever proposes it agrees to it. Takes effect at once, or at its moment, where one is enough.
 * Refused: `trust-limit-exceeded`, and what it would contradict where it takes effect; an import also where it could not.
 */
export const proposeTrust = (db: Database, proposal: TrustProposal): Promise<Result<TrustChange>> => {
  const { actor, id, content, effectiveAt, ...terms } = proposal;
  const { organisation, identityKey } = actor;
  const text = writeContent(content);
  const after = writeFacts({ kind: content.kind, id, hash: hashContent(text), effectiveAt });
  const leaf = writeTrustLeaf('trust-proposed', actor, { id, after });
  const asked = { ...{ id, organisation, identityKey, kind: content.kind, content: text }, ...{ effectiveAt, leaf } };
  return act(db, 'select portcullis.propose_trust($1::jsonb)', { ...asked, ...writeTerms(terms) });
};

/** Refused: `trust-change-unknown`, `trust-change-ended`, and what it would contradict now, and then it waits on. */
export const approveTrust = async (
  db: Database,
  actor: Actor,
  { id, ...terms }: TrustTerms & { readonly id: string },
): Promise<Result<TrustChange>> => {
  const { organisation, identityKey } = actor;
  // Its content never changes: what is agreed to is what was read.
  const change = await findTrustChange(db, organisation, id);
  if (change === undefined) return reject('trust-change-unknown');
  const after = writeFacts({ kind: change.kind, id, hash: change.contentHash, effectiveAt: change.effectiveAt });
  const leaf = writeTrustLeaf('trust-approved', actor, { id, after });
  const asked = { ...{ id, organisation, identityKey, leaf }, ...writeTerms(terms) };
  return act(db, 'select portcullis.approve_trust($1::jsonb)', asked);
};

/** By anybody of the organisation, until enough agree; again is no error. Refused: `trust-change-unknown`, `trust-change-ended`. */
export const withdrawTrust = (db: Database, actor: Actor, id: string): Promise<Result<TrustChange>> => {
  const { organisation, identityKey } = actor;
  const leaf = writeTrustLeaf('trust-withdrawn', actor, { id, after: [] });
  return act(db, 'select portcullis.withdraw_trust($1::jsonb)', { ...{ id, organisation, identityKey, leaf } });
};

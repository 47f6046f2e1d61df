import { accept, digestProposal, encodeLeaf, hashState, limits, sha256, txidToWire, writeApproval } from '#atomic-core';
import type { ApprovalStatement, AuditDecision, ProposalTerms, Result } from '#atomic-core';
import { writeReliances } from './commit-input';
import type { Reliance } from './commit-input';
import { hexOf, onlyRow, runRefusable, runStatement } from './database';
import type { Database } from './database';
import type { Actor } from './offers';

/** What the submission would do beside its topics, as it is kept until then. */
export interface ProposedContent {
  readonly beef: Uint8Array;
  readonly offChainValues?: Uint8Array;
  /** JSON: baskets, labels and mode. */
  readonly content: unknown;
}

export interface ProposalRequest extends ProposedContent {
  /** UUID. */
  readonly id: string;
  readonly requestId: string;
  readonly terms: ProposalTerms;
}

const writeLeaf = (decision: AuditDecision, actor: Actor, subject: string, after: readonly string[]): string => {
  const { organisation, identityKey, requestId } = actor;
  const hashes = { beforeHash: hashState([]), afterHash: hashState(after) };
  return hexOf(encodeLeaf({ decision, atMs: Date.now(), organisation, identityKey, requestId, subject, ...hashes }));
};

/**
 * The id of the proposal: of this one, or of the one that asks for the same and is open or submitted.
 * Refused: `proposal-conflict`, `proposal-late`, `proposals-exhausted`.
 */
export const proposeTransaction = async (
  db: Database,
  { id, requestId, terms, beef, offChainValues, content }: ProposalRequest,
): Promise<Result<string>> => {
  const { organisation, identityKey } = terms.proposer;
  const termsDigest = hexOf(digestProposal(terms));
  const after = [`proposal ${id} ${termsDigest}`];
  const asked = {
    ...{ id, organisation, identityKey, gateway: terms.gateway, txid: txidToWire(terms.txid).toString('hex') },
    ...{ topics: terms.topics, step: terms.step, parties: terms.parties, needed: terms.needed },
    ...{ deadline: terms.deadline, termsDigest, contentHash: terms.content, content, most: limits.PROPOSALS_OPEN_MAX },
    leaf: writeLeaf('proposed', { organisation, identityKey, requestId }, id, after),
  };
  const sql = 'select portcullis.propose($1::jsonb, $2, $3) as id';
  const values = [JSON.stringify(asked), Buffer.from(beef), offChainValues ? Buffer.from(offChainValues) : null];
  const made = await runRefusable<{ id: string }[]>(db, sql, values);
  return made.ok ? accept(onlyRow(made.value).id) : made;
};

export interface SignedApproval {
  readonly statement: ApprovalStatement;
  /** DER. Verified before. */
  readonly signature: Uint8Array;
  readonly relies: readonly Reliance[];
  readonly requestId: string;
  /** Leaves of those of its organisation that were weighed and count no longer: they fill no place. */
  readonly lapsed?: readonly number[];
}

/** sha256 of what is signed: how the leaves and the COMMIT name an approval. */
export const hashStatement = (statement: ApprovalStatement): Buffer => sha256(writeApproval(statement));

/**
 * Undefined where it stands already. Refused: `proposal-unknown` to who is no party, `proposal-ended`, `approvals-exhausted`, `certificate-revoked`.
 */
export const approveProposal = async (
  db: Database,
  { statement, signature, relies, requestId, lapsed }: SignedApproval,
): Promise<Result<{ readonly auditLeaf: number } | undefined>> => {
  const { proposal: id, approver: identityKey, organisation } = statement;
  const text = writeApproval(statement).toString('utf8');
  const after = [`approval ${organisation} ${hexOf(hashStatement(statement))}`];
  const asked = {
    ...{ id, identityKey, organisation, statement: text, signature: hexOf(signature), relies: writeReliances(relies) },
    ...{ most: limits.PROPOSAL_APPROVALS_OF_ONE_MAX, roundsMax: limits.PROPOSAL_ROUNDS_MAX, lapsed },
    leaf: writeLeaf('proposal-approved', { organisation, identityKey, requestId }, id, after),
  };
  const sql = 'select portcullis.approve_proposal($1::jsonb) as leaf';
  const done = await runRefusable<{ leaf: string | null }[]>(db, sql, [JSON.stringify(asked)]);
  if (!done.ok) return done;
  const { leaf } = onlyRow(done.value);
  return accept(leaf === null ? undefined : { auditLeaf: Number(leaf) });
};

const act = async (
  db: Database,
  sql: string,
  { id, decision, actor }: { readonly id: string; readonly decision: AuditDecision; readonly actor: Actor },
): Promise<Result<undefined>> => {
  const { organisation, identityKey } = actor;
  const asked = { id, organisation, identityKey, leaf: writeLeaf(decision, actor, id, []) };
  const done = await runRefusable(db, sql, [JSON.stringify(asked)]);
  return done.ok ? accept(undefined) : done;
};

/** Its own, by the identity that gave it; again is no error. Refused: `approval-unknown`, `proposal-ended`. */
export const withdrawApproval = (db: Database, actor: Actor, id: string): Promise<Result<undefined>> =>
  act(db, 'select portcullis.withdraw_approval($1::jsonb)', { id, decision: 'approval-withdrawn', actor });

/** By anybody of the proposer's organisation; again is no error. Refused: `proposal-unknown`, `proposal-ended`. */
export const withdrawProposal = (db: Database, actor: Actor, id: string): Promise<Result<undefined>> =>
  act(db, 'select portcullis.withdraw_proposal($1::jsonb)', { id, decision: 'proposal-withdrawn', actor });

/** Ends those whose deadline is over, and forgets their bytes. How many. */
export const expireProposals = async (db: Database, most: number): Promise<number> => {
  const sql = 'select portcullis.expire_proposals($1) as ended';
  return Number(onlyRow(await runStatement<{ ended: string }[]>(db, sql, [most])).ended);
};

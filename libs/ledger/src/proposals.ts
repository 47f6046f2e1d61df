import { limits, txidFromWire, txidToWire } from '#atomic-core';
import type { ApprovalStatement, Outpoint, ProposalTerms, Txid } from '#atomic-core';
import type { Receipt, Reliance } from './commit-input';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import type { ProposedContent } from './proposal-acts';

export type ProposalState = 'open' | 'committed' | 'withdrawn' | 'expired';

/** Stopped: a certificate that it rests on was revoked since. */
export type ApprovalState = 'standing' | 'withdrawn' | 'stopped';

export interface GivenApproval {
  readonly identityKey: string;
  readonly organisation: string;
  readonly state: ApprovalState;
  /** What was signed: canonical JSON. */
  readonly statement: string;
  readonly signature: Buffer;
  readonly approvedAt: Date;
  readonly auditLeaf: number;
  /** The COMMIT counted it. */
  readonly isCounted: boolean;
  /** What it rested on when it was given. */
  readonly relies: readonly Reliance[];
}

export interface Proposal {
  readonly id: string;
  readonly place: number;
  readonly state: ProposalState;
  readonly terms: ProposalTerms;
  readonly termsDigest: Buffer;
  readonly proposedAt: Date;
  readonly proposedLeaf: number;
  /** In the order in which they were given. */
  readonly approvals: readonly GivenApproval[];
  readonly submission: { readonly id: string; readonly receipt: Receipt; readonly settlement: string } | undefined;
}

interface ApprovalRow {
  readonly identityKey: string;
  readonly organisation: string;
  readonly state: ApprovalState;
  readonly statement: string;
  readonly signature: string;
  readonly approvedAt: string;
  readonly leaf: number;
  readonly isCounted: boolean;
  readonly relies: { certificate: string; outpoint?: string; goodSince?: string; mayBeUnknown?: boolean }[];
}

interface ProposalRow {
  readonly id: string;
  readonly place: string;
  readonly organisation: string;
  readonly identity_key: string;
  readonly gateway: string;
  readonly txid: Buffer;
  readonly topics: string[];
  readonly step: string | null;
  readonly parties: string[];
  readonly needed: number;
  readonly deadline: Date;
  readonly terms_digest: Buffer;
  readonly content_hash: Buffer;
  readonly seen: ProposalState;
  readonly proposed_at: Date;
  readonly proposed_leaf: string;
  readonly transition_id: string | null;
  readonly receipt: Receipt | null;
  readonly settlement: string | null;
  readonly approvals: ApprovalRow[];
}

const COLUMNS = `p.id, p.place, p.organisation, p.identity_key, p.gateway, p.txid, p.topics, p.step, p.parties, p.needed, p.deadline, p.terms_digest, p.content_hash,
  case when p.state = 'open' and p.deadline <= clock_timestamp() then 'expired' else p.state end as seen, p.proposed_at, p.proposed_leaf, p.transition_id,
  (select t.receipt from portcullis.transition t where t.id = p.transition_id) as receipt,
  (select t.settlement from portcullis.transition t where t.id = p.transition_id) as settlement,
  (select coalesce(jsonb_agg(jsonb_build_object('identityKey', a.identity_key, 'organisation', a.organisation, 'statement', a.statement,
      'signature', encode(a.signature, 'hex'), 'approvedAt', a.approved_at, 'leaf', a.leaf_index, 'relies', a.relies,
      'state', case when a.withdrawn_at is not null then 'withdrawn' when portcullis.is_stopped(a) then 'stopped' else 'standing' end,
      'isCounted', exists (select from portcullis.proposal_count n where n.transition_id = p.transition_id and n.identity_key = a.identity_key))
      order by a.leaf_index), '[]') from portcullis.proposal_approval a where a.proposal_id = p.id) as approvals`;

const readReliance = ({ certificate, outpoint, goodSince, mayBeUnknown }: ApprovalRow['relies'][number]): Reliance => ({
  certificateHash: Buffer.from(certificate, 'hex'),
  revocationOutpoint: outpoint === undefined ? undefined : (Buffer.from(outpoint, 'hex') as unknown as Outpoint),
  // How old an answer may be is judged anew when it is counted; what is written down is how old it might be then.
  goodSince: goodSince === undefined ? undefined : new Date(goodSince),
  mayBeUnknown: mayBeUnknown ?? false,
});

const readApproval = ({ signature, approvedAt, leaf, relies, ...row }: ApprovalRow): GivenApproval => ({
  ...row,
  ...{ signature: Buffer.from(signature, 'hex'), approvedAt: new Date(approvedAt), auditLeaf: leaf },
  relies: relies.map(readReliance),
});

const readRow = (row: ProposalRow): Proposal => {
  const { transition_id: submission, receipt, settlement } = row;
  return {
    ...{ id: row.id, place: Number(row.place), state: row.seen, termsDigest: row.terms_digest },
    terms: {
      ...{ gateway: row.gateway, txid: txidFromWire(row.txid), topics: row.topics, step: row.step ?? undefined },
      ...{ deadline: row.deadline.toISOString(), parties: row.parties, needed: row.needed },
      proposer: { organisation: row.organisation, identityKey: row.identity_key },
      content: row.content_hash.toString('hex'),
    },
    ...{ proposedAt: row.proposed_at, proposedLeaf: Number(row.proposed_leaf) },
    approvals: row.approvals.map(readApproval),
    submission:
      submission === null || receipt === null || settlement === null
        ? undefined
        : { id: submission, receipt, settlement },
  };
};

/** What an approver of this proposal signs. */
export const stateApproval = (
  { id, terms }: Proposal,
  approver: { readonly identityKey: string; readonly organisation: string },
): ApprovalStatement => ({
  ...terms,
  ...{ proposal: id, approver: approver.identityKey, organisation: approver.organisation },
});

/** For the organisations that its viewer stands for; to anybody else it is not there. */
export const findProposal = async (
  db: Database,
  organisations: readonly string[],
  id: string,
): Promise<Proposal | undefined> => {
  const sql = `select ${COLUMNS} from portcullis.proposal p where p.id = $1 and exists (select from unnest($2::text[]) o (name)
    join portcullis.proposal_party y on y.organisation = o.name and y.place = p.place)`;
  const [row] = await runStatement<ProposalRow[]>(db, sql, [id, organisations]);
  return row && readRow(row);
};

export interface ProposalPage {
  readonly limit: number;
  /** The place of the last proposal of the page before. */
  readonly before: number | undefined;
}

/** Newest first, whatever has become of them. */
export const listProposals = async (
  db: Database,
  organisations: readonly string[],
  { limit, before }: ProposalPage,
): Promise<readonly Proposal[]> => {
  const sql = `select ${COLUMNS} from (select distinct y.place from unnest($1::text[]) o (name) cross join lateral (select s.place
      from portcullis.proposal_party s where s.organisation = o.name and ($2::bigint is null or s.place < $2) order by s.place desc limit $3) y
      order by 1 desc limit $3) seen join portcullis.proposal p on p.place = seen.place order by p.place desc`;
  const rows = await runStatement<ProposalRow[]>(db, sql, [organisations, before ?? null, limit]);
  return rows.map(readRow);
};

/** The one that asks for this transaction and these topics and is open, or was submitted and stands. */
export const findSameProposal = async (
  db: Database,
  organisation: string,
  { txid, topics }: { readonly txid: Txid; readonly topics: readonly string[] },
): Promise<{ readonly id: string; readonly termsDigest: Buffer } | undefined> => {
  const sql = `select s.id, s.terms_digest as "termsDigest" from portcullis.find_same_proposal($1, $2, $3) s`;
  const rows = await runStatement<{ id: string | null; termsDigest: Buffer }[]>(db, sql, [
    organisation,
    txidToWire(txid),
    topics,
  ]);
  const { id, termsDigest } = onlyRow(rows);
  return id === null ? undefined : { id, termsDigest };
};

/** Whether the organisation has as many open as it may: asked before anybody pays for one more, and once more when it is kept. */
export const isFullOfProposals = async (db: Database, organisation: string): Promise<boolean> => {
  const sql = `select portcullis.count_open_proposals($1) >= $2 as full`;
  return onlyRow(await runStatement<{ full: boolean }[]>(db, sql, [organisation, limits.PROPOSALS_OPEN_MAX])).full;
};

/** Whether a payment that the network has not refused was taken for this request of this identity and not given back, and no proposal of these terms was kept for it. */
export const isProposalPaid = async (
  db: Database,
  payer: { readonly identityKey: string; readonly requestDigest: Buffer },
  termsDigest: Buffer,
): Promise<boolean> => {
  const sql = `select (select count(*) from portcullis.payment_claim c where c.identity_key = $1 and c.request_digest = $2 and c.settlement <> 'retracted'
      and not exists (select from portcullis.account_entry e where e.organisation = c.organisation and e.key = 'credit:payment:' || encode(c.outpoint, 'hex')))
    > (select count(*) from portcullis.proposal p where p.terms_digest = $3 and p.identity_key = $1) as paid`;
  const values = [payer.identityKey, payer.requestDigest, termsDigest];
  return onlyRow(await runStatement<{ paid: boolean }[]>(db, sql, values)).paid;
};

/** What is kept of an open proposal; undefined once it has ended. */
export const findProposedContent = async (db: Database, id: string): Promise<ProposedContent | undefined> => {
  const sql = `select p.beef, p.off_chain_values as beside, p.content from portcullis.proposal p where p.id = $1 and p.state = 'open'`;
  const [row] = await runStatement<{ beef: Buffer; beside: Buffer | null; content: unknown }[]>(db, sql, [id]);
  return row && { beef: row.beef, content: row.content, ...(row.beside && { offChainValues: row.beside }) };
};

import { Utils } from '@bsv/sdk';
import type { WalletInterface } from '@bsv/sdk';
import type { Receipt } from './answers';
import type { Send } from './call';

/** What is proposed beside the submission. */
export interface Agreement {
  /** Organisations that are asked. */
  readonly parties: readonly string[];
  /** How many of them have to approve; all unless told. */
  readonly needed?: number;
  /** ISO 8601. */
  readonly deadline: string;
  /** Of a workflow, as the policies of the gateway know it. */
  readonly step?: string;
}

/** What an approver signs, as canonical JSON (RFC 8785). */
export interface ApprovalStatement {
  readonly version: 1;
  readonly gateway: string;
  readonly proposal: string;
  readonly txid: string;
  readonly topics: readonly string[];
  readonly step?: string;
  readonly deadline: string;
  readonly proposer: string;
  readonly proposerOrganisation: string;
  readonly parties: readonly string[];
  readonly needed: number;
  /** SHA-256 of what else the submission does. */
  readonly content: string;
  readonly approver: string;
  readonly organisation: string;
}

export interface Proposal {
  readonly id: string;
  readonly state: 'open' | 'committed' | 'withdrawn' | 'expired';
  readonly txid: string;
  readonly topics: readonly string[];
  readonly step: string | null;
  readonly deadline: string;
  readonly proposer: { readonly organisation: string; readonly identityKey: string };
  readonly gateway: string;
  readonly parties: readonly string[];
  readonly needed: number;
  readonly approvals: readonly {
    readonly identityKey: string;
    readonly organisation: string;
    /** `stopped`: a certificate that it rests on was revoked since. */
    readonly state: 'standing' | 'withdrawn' | 'stopped';
    readonly isCounted: boolean;
    readonly statement: string;
    readonly signature: string;
  }[];
  /** What the caller would sign, one for each party that it may speak for. */
  readonly statements: readonly ApprovalStatement[];
  /** Whole for the proposer's organisation. */
  readonly submission: Partial<Receipt> | null;
}

export interface ProposalPage {
  readonly proposals: readonly Proposal[];
  /** Give it as `before` for the next page; null on the last. */
  readonly next: number | null;
}

export interface ApprovalAnswer {
  readonly proposal: Proposal;
  /** Why it was not submitted yet; null where it was. */
  readonly refusal: { readonly code: string; readonly detail: string; readonly next: string } | null;
}

/** What the approver looked at itself: nothing is signed that says something else. */
export interface Approval {
  /** Of the transaction that is agreed to, as the approver computed it. */
  readonly txid: string;
  readonly topics: readonly string[];
  readonly step?: string;
  /** For whom, where the approver may speak for several of the parties. */
  readonly organisation?: string;
}

const APPROVAL_PROTOCOL: [2, string] = [2, 'portcullis proposal approval'];

/** The gateway told another thing than the approver agrees to. Nothing was signed. */
export class StatementMismatch extends Error {}

/** Transactions that several organisations approve before they are submitted. */
export class ProposalCalls {
  constructor(
    private readonly send: Send,
    private readonly wallet: WalletInterface,
  ) {}

  /** `submission`: as a submission, already written. The same again finds the same proposal. */
  async propose(submission: Readonly<Record<string, unknown>>, agreement: Agreement): Promise<Proposal> {
    const body = JSON.stringify({ ...submission, ...agreement });
    return (await (await this.send({ method: 'POST', path: '/v1/proposals', body })).json()) as Proposal;
  }

  /** Newest first. */
  async list(before?: number): Promise<ProposalPage> {
    const path = `/v1/proposals${before === undefined ? '' : `?before=${String(before)}`}`;
    return (await (await this.send({ method: 'GET', path })).json()) as ProposalPage;
  }

  async find(id: string): Promise<Proposal> {
    return (await (await this.send({ method: 'GET', path: pathOf(id) })).json()) as Proposal;
  }

  /** The transaction, for the approver to look at. */
  async fetchBeef(id: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.send({ method: 'GET', path: `${pathOf(id)}/beef` })).arrayBuffer());
  }

  /** Signs with the wallet and approves. The approval that makes the quorum submits as well. */
  async approve(id: string, approval: Approval): Promise<ApprovalAnswer> {
    const { statements } = await this.find(id);
    const { publicKey: approver } = await this.wallet.getPublicKey({ identityKey: true });
    const statement = pickStatement(statements, id, { ...approval, approver });
    const data: number[] = [...new TextEncoder().encode(writeCanonical(statement))];
    const { signature } = await this.wallet.createSignature({
      data,
      protocolID: APPROVAL_PROTOCOL,
      keyID: id,
      counterparty: 'anyone',
    });
    const body = JSON.stringify({ signature: Utils.toHex(signature), organisation: statement.organisation });
    const call = { method: 'POST', path: `${pathOf(id)}/approvals`, body } as const;
    return (await (await this.send(call)).json()) as ApprovalAnswer;
  }

  /** Takes the caller's own approval back. */
  async withdrawApproval(id: string): Promise<Proposal> {
    return (await (await this.send({ method: 'DELETE', path: `${pathOf(id)}/approvals/mine` })).json()) as Proposal;
  }

  /** By the organisation that proposed it. */
  async withdraw(id: string): Promise<Proposal> {
    return (await (await this.send({ method: 'DELETE', path: pathOf(id) })).json()) as Proposal;
  }

  /** For when the approval that made the quorum could not. The same proposal again gets the same receipt. */
  async submit(id: string): Promise<Partial<Receipt>> {
    return (await (await this.send({ method: 'POST', path: `${pathOf(id)}/submission` })).json()) as Partial<Receipt>;
  }
}

const pathOf = (id: string): string => `/v1/proposals/${encodeURIComponent(id)}`;

/** The statement is flat and its lists are of texts, so sorted members are its canonical form. */
const writeCanonical = (statement: ApprovalStatement): string => {
  const members = Object.entries(statement).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(members));
};

function pickStatement(
  statements: readonly ApprovalStatement[],
  id: string,
  { txid, topics, step, organisation, approver }: Approval & { readonly approver: string },
): ApprovalStatement {
  const fit = statements.filter((one) => organisation === undefined || one.organisation === organisation);
  const [statement, ...others] = fit;
  if (statement === undefined) throw new StatementMismatch('There is no party of this proposal to approve it for.');
  if (others.length > 0) throw new StatementMismatch('Say for which of the parties.');
  const isMeant =
    statement.proposal === id &&
    statement.approver === approver &&
    statement.txid === txid &&
    statement.step === step &&
    [...statement.topics].sort().join(' ') === [...topics].sort().join(' ');
  if (!isMeant) throw new StatementMismatch('The proposal is of something else than what is to be approved.');
  return statement;
}

import { sha256 } from '../bytes';
import type { Txid } from '../bytes';
import { verifyOpenSignature } from '../transition/verify-open-signature';
import { writeCanonicalJson } from '../trust/write-canonical-json';

/** BRC-43. The key id is the id of the proposal, the counterparty "anyone": whoever audits it later needs no secret. */
export const APPROVAL_PROTOCOL = [2, 'portcullis proposal approval'] as const;

const STATEMENT_VERSION = 1;

/** What every approver of a proposal agrees to, whoever it is. */
export interface ProposalTerms {
  /** Identity key of the gateway that was asked. */
  readonly gateway: string;
  readonly txid: Txid;
  /** Sorted, each once. */
  readonly topics: readonly string[];
  /** Of a workflow. */
  readonly step: string | undefined;
  /** ISO 8601 in UTC with milliseconds. */
  readonly deadline: string;
  /** The organisation that proposes, and its member. */
  readonly proposer: { readonly organisation: string; readonly identityKey: string };
  /** Organisations that are asked. Sorted, each once. */
  readonly parties: readonly string[];
  /** How many of them have to agree. */
  readonly needed: number;
  /** Hex, of what else the submission would do: baskets, labels, mode, off-chain values. */
  readonly content: string;
}

/** Who agrees, to which proposal, and for whom. */
export interface ApprovalStatement extends ProposalTerms {
  readonly proposal: string;
  readonly approver: string;
  readonly organisation: string;
}

const writeTermsJson = ({
  gateway,
  txid,
  topics,
  step,
  deadline,
  proposer,
  parties,
  needed,
  content,
}: ProposalTerms) => ({
  ...{ version: STATEMENT_VERSION, gateway, txid, topics, deadline, parties, needed, content },
  ...{ proposer: proposer.identityKey, proposerOrganisation: proposer.organisation },
  ...(step !== undefined && { step }),
});

/** The statement as it is told to whoever may sign it. */
export const writeApprovalJson = (statement: ApprovalStatement) => ({
  ...writeTermsJson(statement),
  ...{ proposal: statement.proposal, approver: statement.approver, organisation: statement.organisation },
});

/** The octets that an approver signs: canonical JSON (RFC 8785) in UTF-8. */
export const writeApproval = (statement: ApprovalStatement): Buffer =>
  Buffer.from(writeCanonicalJson(writeApprovalJson(statement)), 'utf8');

/** Of the terms alone: two proposals with one digest ask for the same. */
export const digestProposal = (terms: ProposalTerms): Buffer =>
  sha256(Buffer.from(writeCanonicalJson(writeTermsJson(terms)), 'utf8'));

/** Whether the approver that the statement names signed it, with a wallet of BRC-100 and nothing of the gateway's. `signature`: DER. */
export const verifyApproval = (statement: ApprovalStatement, signature: Uint8Array): boolean =>
  verifyOpenSignature({
    data: writeApproval(statement),
    signature,
    signer: Buffer.from(statement.approver, 'hex'),
    protocol: APPROVAL_PROTOCOL,
    keyId: statement.proposal,
  });

import { randomBytes, randomUUID } from 'node:crypto';
import { digestProposal, type ApprovalStatement, type ProposalTerms } from '#atomic-core';
import { hashStatement, type CommitInput, type ProposalRequest, type SignedApproval } from '#ledger';
import { buildPlainTransaction, planPlainCommit, randomOutpoint } from './ledger-plans';

export interface PlainProposal {
  readonly id: string;
  readonly request: ProposalRequest;
  /** As if the signature had been verified. */
  readonly approve: (identityKey: string, organisation: string) => SignedApproval;
  /** Its COMMIT, with these counted: who, for whom. */
  readonly commit: (counted: readonly (readonly [string, string])[]) => CommitInput;
}

const HOUR_MS = 3_600_000;

/** What Ann of acme proposes to a topic, as the ledger sees it: two of globex and bank have to agree, within an hour. */
export const planPlainProposal = (over: Partial<ProposalTerms> = {}): PlainProposal => {
  const subject = buildPlainTransaction([randomOutpoint()]);
  const id = randomUUID();
  const terms: ProposalTerms = {
    ...{ gateway: 'gateway', txid: subject.txid, topics: ['tm_test'], step: undefined },
    deadline: new Date(Date.now() + HOUR_MS).toISOString(),
    proposer: { organisation: 'acme', identityKey: 'ann' },
    ...{ parties: ['bank', 'globex'], needed: 2, content: 'cd'.repeat(32), ...over },
  };
  const { organisation, identityKey } = terms.proposer;
  const state = (approver: string, party: string): ApprovalStatement => ({
    ...{ ...terms, proposal: id, approver, organisation: party },
  });
  const plain = planPlainCommit({
    ...{ subject, organisation, identityKey, topic: terms.topics[0] ?? '' },
    ...{ requestKey: `proposal:${id}`, requestDigest: digestProposal(terms) },
  });
  return {
    id,
    request: { id, requestId: 'r', terms, beef: randomBytes(40), content: { labels: [] } },
    approve: (approver, party) => ({
      ...{ statement: state(approver, party), signature: randomBytes(70), relies: [], requestId: 'r' },
    }),
    commit: (counted) => ({
      ...plain,
      proposal: {
        ...{ id, trust: [] },
        approvals: counted.map(([approver, party]) => ({
          ...{ identityKey: approver, organisation: party, statementHash: hashStatement(state(approver, party)) },
        })),
      },
    }),
  };
};

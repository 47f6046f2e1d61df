import { writeApprovalJson } from '#atomic-core';
import { hashStatement, stateApproval, type GivenApproval, type Proposal, type Receipt } from '#ledger';
import type { Caller } from '../identity';
import { writeReceipt } from '../submissions';
import type { SeenProposal } from './approvals.service';

const writeApproval = (proposal: Proposal, given: GivenApproval): Record<string, unknown> => ({
  ...{ identityKey: given.identityKey, organisation: given.organisation, state: given.state },
  ...{ isCounted: given.isCounted, approvedAt: given.approvedAt.toISOString(), auditLeaf: given.auditLeaf },
  // What an auditor needs to judge it again, with nothing of ours.
  ...{ statement: given.statement, statementHash: hashStatement(stateApproval(proposal, given)).toString('hex') },
  signature: given.signature.toString('hex'),
});

/** What the COMMIT did, for the proposer's organisation; others are told of the topics, and nothing of its baskets. */
const writeSubmitted = (receipt: Receipt, isOwn: boolean, settlement: string): Record<string, unknown> => {
  if (isOwn) return { ...writeReceipt(receipt), settlement };
  const { txid, admittance, auditLeaf } = receipt;
  return { txid, settlement, admittance, auditLeaf };
};

const isOwner = ({ proposal, standings }: SeenProposal): boolean =>
  standings.some(({ organisation }) => organisation === proposal.terms.proposer.organisation);

export const writeSubmission = (seen: SeenProposal, receipt: Receipt): Record<string, unknown> =>
  // To its owner the one receipt, word for word; others have no other place that tells them what became of it.
  isOwner(seen)
    ? writeReceipt(receipt)
    : writeSubmitted(receipt, false, seen.proposal.submission?.settlement ?? 'applied');

/** `statements`: what this caller signs to approve it, one for each party that it may speak for. */
export const writeProposal = (
  seen: SeenProposal,
  { identityKey }: Pick<Caller, 'identityKey'>,
): Record<string, unknown> => {
  const { proposal, standings } = seen;
  const { terms, submission } = proposal;
  const parties = terms.parties.filter((party) => standings.some(({ organisation }) => organisation === party));
  return {
    ...{ id: proposal.id, state: proposal.state, txid: terms.txid, topics: terms.topics, step: terms.step ?? null },
    ...{ deadline: terms.deadline, proposer: terms.proposer, gateway: terms.gateway },
    ...{ parties: terms.parties, needed: terms.needed, content: terms.content },
    ...{ proposedAt: proposal.proposedAt.toISOString(), auditLeaf: proposal.proposedLeaf },
    approvals: proposal.approvals.map((given) => writeApproval(proposal, given)),
    statements:
      proposal.state === 'open'
        ? parties.map((organisation) => writeApprovalJson(stateApproval(proposal, { identityKey, organisation })))
        : [],
    // As it is now: what the network refused since is retracted for them, too.
    submission:
      submission === undefined ? null : writeSubmitted(submission.receipt, isOwner(seen), submission.settlement),
    links: { self: `/v1/proposals/${proposal.id}`, beef: `/v1/proposals/${proposal.id}/beef` },
  };
};

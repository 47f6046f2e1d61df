import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, reject, rejections, verifyApproval, type Result } from '#atomic-core';
import {
  approveProposal,
  findProposal,
  findProposedContent,
  listProposals,
  stateApproval,
  withdrawApproval,
  withdrawProposal,
  type Proposal,
  type ProposalPage,
} from '#ledger';
import type { Caller } from '../identity';
import { Agreements, type WeighedApproval } from './agreements.service';
import { isProposalId } from './read-proposal';
import { Standings, type Standing } from './standings.service';

/** A proposal as one of those who take part sees it. */
export interface SeenProposal {
  readonly proposal: Proposal;
  readonly standings: readonly Standing[];
}

export interface AskedApproval {
  readonly id: string;
  /** DER. */
  readonly signature: Buffer;
  /** For whom, where the caller may speak for several. */
  readonly organisation: string | undefined;
}

const actorOf = ({ organisation, identityKey, requestId }: Caller) => ({ organisation, identityKey, requestId });
const namesOf = (standings: readonly Standing[]): string[] => [
  ...new Set(standings.map(({ organisation }) => organisation)),
];

/** What those do who take part. To anybody else a proposal is not there. */
@Injectable()
export class ApprovalsService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Standings) private readonly standings: Standings,
    @Inject(Agreements) private readonly agreements: Agreements,
  ) {}

  async find({ identityKey }: Pick<Caller, 'identityKey'>, id: string): Promise<Result<SeenProposal>> {
    if (!isProposalId(id)) return reject('proposal-unknown');
    const standings = await this.standings.list(identityKey);
    const proposal = await findProposal(this.database, namesOf(standings), id);
    return proposal === undefined ? reject('proposal-unknown') : accept({ proposal, standings });
  }

  async list({ identityKey }: Caller, page: ProposalPage): Promise<readonly SeenProposal[]> {
    const standings = await this.standings.list(identityKey);
    const proposals = await listProposals(this.database, namesOf(standings), page);
    return proposals.map((proposal) => ({ proposal, standings }));
  }

  /** The transaction that is to be agreed to, as it was proposed. */
  async fetchBeef(caller: Caller, id: string): Promise<Result<Buffer>> {
    const seen = await this.find(caller, id);
    if (!seen.ok) return seen;
    const kept = await findProposedContent(this.database, id);
    return kept === undefined ? reject('proposal-ended') : accept(Buffer.from(kept.beef));
  }

  /** The proposal with the approval. Signed by the caller itself and by nobody for it; again is no error. */
  async approve(caller: Caller, { id, signature, organisation }: AskedApproval): Promise<Result<SeenProposal>> {
    const seen = await this.find(caller, id);
    if (!seen.ok) return seen;
    const { proposal, standings } = seen.value;
    // Sent again by whoever lost the answer to the approval that made the quorum.
    if (proposal.state === 'committed' && hasGiven(proposal, caller, signature)) return seen;
    if (proposal.state !== 'open') return reject('proposal-ended', `it is ${proposal.state}`);
    const speaker = pickSpeaker(proposal, standings, organisation);
    if (!speaker.ok) return speaker;
    const party = { identityKey: caller.identityKey, organisation: speaker.value.organisation };
    const statement = stateApproval(proposal, party);
    if (!verifyApproval(statement, signature)) return reject('approval-signature-invalid');
    const judged = await this.agreements.judgeApprover(proposal, caller.identityKey, speaker.value.standings);
    if (!judged.ok) return judged;
    const { grant } = judged.value;
    const { requestId } = caller;
    const signed = { statement, signature, relies: grant.reliesOn, requestId };
    let approved = await approveProposal(this.database, signed);
    if (!approved.ok && approved.rejection.code === 'approvals-exhausted') {
      const lapsed = await this.listLapsed(caller, id, party.organisation);
      if (lapsed.length > 0) approved = await approveProposal(this.database, { ...signed, lapsed });
    }
    return approved.ok ? this.find(caller, id) : approved;
  }

  /** Of this organisation: who has left it, or lost its role, fills no place of a colleague. */
  private async listLapsed(caller: Caller, id: string, organisation: string): Promise<readonly number[]> {
    const seen = await this.find(caller, id);
    if (!seen.ok) return [];
    const { proposal } = seen.value;
    const approvals = proposal.approvals.filter((one) => one.organisation === organisation && one.state === 'standing');
    const weighed = await this.agreements.weigh({ ...proposal, approvals });
    // What could not be judged now may stand.
    return approvals.flatMap(({ auditLeaf }, place) => (isLapsed(weighed[place]) ? [auditLeaf] : []));
  }

  /** That of the caller itself. */
  async withdrawApproval(caller: Caller, id: string): Promise<Result<SeenProposal>> {
    const seen = await this.find(caller, id);
    if (!seen.ok) return seen;
    // For whom it was given, which is what its leaf said, too.
    const given = seen.value.proposal.approvals.find(({ identityKey }) => identityKey === caller.identityKey);
    const actor = { ...actorOf(caller), organisation: given?.organisation ?? caller.organisation };
    const done = await withdrawApproval(this.database, actor, id);
    return done.ok ? this.find(caller, id) : done;
  }

  /** By the proposer's organisation. */
  async withdraw(caller: Caller, id: string): Promise<Result<SeenProposal>> {
    const seen = await this.find(caller, id);
    if (!seen.ok) return seen;
    const done = await withdrawProposal(this.database, actorOf(caller), id);
    return done.ok ? this.find(caller, id) : done;
  }
}

const isLapsed = (weighed: WeighedApproval | undefined): boolean =>
  weighed?.ok === false && rejections[weighed.rejection.code].status < 500;

const hasGiven = ({ approvals }: Proposal, { identityKey }: Caller, signature: Buffer): boolean =>
  approvals.some((given) => given.identityKey === identityKey && given.signature.equals(signature));

interface Speaker {
  readonly organisation: string;
  readonly standings: readonly Standing[];
}

/** For which of the parties. Who could speak for two says for which, since one signature is for one. */
function pickSpeaker({ terms }: Proposal, standings: readonly Standing[], wanted: string | undefined): Result<Speaker> {
  const fit = standings.filter(
    ({ organisation }) => terms.parties.includes(organisation) && organisation === (wanted ?? organisation),
  );
  const [organisation, ...others] = namesOf(fit);
  if (organisation === undefined) return reject('policy-denied', 'you speak for no party of this proposal');
  return others.length === 0 ? accept({ organisation, standings: fit }) : reject('approver-ambiguous');
}

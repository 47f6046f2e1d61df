import { Inject, Injectable } from '@nestjs/common';
import {
  accept,
  printOutpoint,
  reject,
  rejections,
  verifyApproval,
  writeApproval,
  type Quorum,
  type Rejection,
  type Result,
} from '#atomic-core';
import {
  hashStatement,
  stateApproval,
  type CountedApproval,
  type GivenApproval,
  type Proposal,
  type Reliance,
  type TrustReliance,
} from '#ledger';
import { OrganisationDirectory } from '../identity';
import {
  APPROVE_FOR_TOPIC,
  joinGrants,
  PolicyDecisions,
  SUBMIT_TO_TOPIC,
  THIS_GATEWAY,
  type PolicyGrant,
} from '../policies';
import { RevocationService } from '../revocation';
import { Standings, type Standing } from './standings.service';

const PROPOSE = 'POST /v1/proposals';
const APPROVE = 'POST /v1/proposals/:id/approvals';
const WEIGHED_TOGETHER = 8;

/** That somebody may agree for an organisation, and all that this rests on. */
export interface ApproverGrant {
  readonly grant: PolicyGrant;
  readonly trust: readonly TrustReliance[];
}

/** What an approval is worth now. */
export type WeighedApproval = Result<ApproverGrant & { readonly counted: CountedApproval }>;

const listReliances = ({ by }: Standing): readonly Reliance[] => {
  if (by === undefined) return [];
  const { hash, revocationOutpoint, mayBeUnknown } = by.certificate;
  return [{ certificateHash: Buffer.from(hash, 'hex'), revocationOutpoint, goodSince: undefined, mayBeUnknown }];
};

/** Who may agree and who may propose, judged when it is asked and once more for the COMMIT: roles, certificates and trust may have changed meanwhile. */
@Injectable()
export class Agreements {
  constructor(
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
    @Inject(OrganisationDirectory) private readonly directory: OrganisationDirectory,
    @Inject(Standings) private readonly standings: Standings,
    @Inject(RevocationService) private readonly revocations: RevocationService,
  ) {}

  /** Whether this identity may agree to it for the organisation; by any of its certificates that may. */
  async judgeApprover(
    { terms }: Proposal,
    identityKey: string,
    standings: readonly Standing[],
  ): Promise<Result<ApproverGrant>> {
    // What lets it come by the route has to hold as long as the approval does, as with a submission.
    const own = { identityKey, organisation: this.directory.organisationOf(identityKey) };
    const route = await this.policies.openFor(own).decide({ action: APPROVE, resource: THIS_GATEWAY });
    if (!route.ok) return route;
    let refused: Result<never> = reject('policy-denied', 'nothing lets you approve for a party of this proposal');
    for (const standing of standings) {
      const { organisation, by } = standing;
      const policies = this.policies.openForApprover({ identityKey, organisation }, by?.certificate);
      const decided = await policies.admitAgreed(terms.topics, { action: APPROVE_FOR_TOPIC, step: terms.step });
      if (decided.ok) {
        const rests = { ...decided.value, policies: [], reliesOn: listReliances(standing) };
        return accept({
          grant: joinGrants([route.value, decided.value, rests]),
          trust: by === undefined ? [] : [by.trust],
        });
      }
      refused = decided;
    }
    return refused;
  }

  /** Whether its proposer may still propose and, with these approvals, submit. */
  async judgeProposer({ terms }: Proposal, { organisations, others }: Quorum): Promise<Result<PolicyGrant>> {
    const { identityKey, organisation } = terms.proposer;
    if (this.directory.organisationOf(identityKey) !== organisation)
      return reject('policy-denied', 'the proposer belongs to its organisation no longer');
    const policies = this.policies.openFor({ identityKey, organisation });
    const proposing = await policies.decide({ action: PROPOSE, resource: THIS_GATEWAY });
    if (!proposing.ok) return proposing;
    const agreed = { approvals: organisations, othersApprovals: others, step: terms.step };
    const submitting = await policies.admitAgreed(terms.topics, { action: SUBMIT_TO_TOPIC, ...agreed });
    return submitting.ok ? accept(joinGrants([proposing.value, submitting.value])) : submitting;
  }

  /** What each of its approvals is worth at this moment, in their order. */
  async weigh(proposal: Proposal): Promise<readonly WeighedApproval[]> {
    const { approvals } = proposal;
    const weighed: WeighedApproval[] = [];
    // Some at once: a source of revocation that does not answer keeps each of them waiting, and others want to ask it, too.
    for (let start = 0; start < approvals.length; start += WEIGHED_TOGETHER) {
      const piece = approvals.slice(start, start + WEIGHED_TOGETHER);
      weighed.push(...(await Promise.all(piece.map((approval) => this.weighOne(proposal, approval)))));
    }
    return weighed;
  }

  private async weighOne(proposal: Proposal, given: GivenApproval): Promise<WeighedApproval> {
    const { identityKey, organisation } = given;
    if (given.state !== 'standing') return reject('approval-lapsed', `that of ${identityKey} is ${given.state}`);
    const statement = stateApproval(proposal, { identityKey, organisation });
    if (writeApproval(statement).toString('utf8') !== given.statement || !verifyApproval(statement, given.signature))
      throw new Error('An approval that was kept is not signed by its approver.');
    const standings = (await this.standings.list(identityKey)).filter((one) => one.organisation === organisation);
    const judged = await this.judgeApprover(proposal, identityKey, standings);
    if (!judged.ok) return judged;
    const { grant, trust } = judged.value;
    // What it rested on when it was given it still rests on, whatever else would do by now.
    const rests = joinGrants([grant, { ...grant, reliesOn: given.relies }]);
    const unsound = await this.findUnsound(rests.reliesOn);
    if (unsound !== undefined) return { ok: false, rejection: unsound };
    const counted = { identityKey, organisation, statementHash: hashStatement(statement), auditLeaf: given.auditLeaf };
    return accept({ grant: rests, trust, counted });
  }

  /** Asked before the COMMIT asks under lock, so that one approval too many does not stand in the way of those that suffice. */
  private async findUnsound(relies: readonly Reliance[]): Promise<Rejection | undefined> {
    for (const { revocationOutpoint, goodSince, mayBeUnknown } of relies) {
      if (revocationOutpoint === undefined) continue;
      const [txid = '', vout] = printOutpoint(revocationOutpoint).split('.');
      const maxAgeMs = goodSince === undefined ? undefined : Math.max(0, Date.now() - goodSince.getTime());
      const { state } = await this.revocations.find({ txid, vout: Number(vout) }, maxAgeMs);
      if (state === 'revoked')
        return { code: 'certificate-revoked', detail: rejections['certificate-revoked'].sentence };
      if (state === 'unknown' && !mayBeUnknown)
        return { code: 'revocation-unknown', detail: rejections['revocation-unknown'].sentence };
    }
    return undefined;
  }
}

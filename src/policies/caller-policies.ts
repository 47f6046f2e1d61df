import { accept, reject, type Result } from '#atomic-core';
import type { Role } from '../config';
import type { RevocationService } from '../revocation';
import { checkRevocation, type RevocationCheck } from './check-revocation';
import { APPROVE_FOR_TOPIC, SUBMIT_TO_TOPIC } from './engine/list-actions';
import { wouldApprovalsDo } from './engine/would-approvals-do';
import type { Policy, PolicyEngine, PolicyQuestion, PolicyResource } from './engine/policy';
import type { CertificateHoldings, HeldCertificate, HeldCertificates } from './held-certificates.service';
import { type Grounds, listGrounds } from './list-grounds';
import { joinGrants, type PolicyGrant } from './policy-grant';

export interface PolicySubject {
  readonly identityKey: string;
  readonly organisation: string;
  readonly roles: readonly Role[];
}

/** What somebody wants to do. */
export interface PolicyWish {
  readonly action: string;
  readonly resource: PolicyResource;
  /** Organisations that signed it; undefined where nobody was asked. */
  readonly approvals?: readonly string[];
  /** Those of them for which somebody signed who is not the subject; all unless said. */
  readonly othersApprovals?: readonly string[];
  readonly step?: string | undefined;
}

/** What several organisations agreed to, for whatever topic. */
export type AgreedWish = Omit<PolicyWish, 'resource'>;

/** A decision with everything that it was made of. */
export interface PolicyJudgement {
  readonly outcome: Result<PolicyGrant>;
  /** Who decided; none where nothing permits it. */
  readonly policies: readonly Policy[];
  /** With the certificates that stood in the end. */
  readonly question: PolicyQuestion;
  readonly absences: CertificateHoldings['absences'];
  /** By the name of the certificate, of those that it would rest on. */
  readonly checks: ReadonlyMap<string, RevocationCheck>;
  readonly revocationMaxAgeMs: number | undefined;
}

export interface PolicyParts {
  readonly engine: PolicyEngine;
  readonly certificates: Pick<HeldCertificates, 'list'>;
  readonly revocations: Pick<RevocationService, 'find'>;
}

/** Characters of the version that a sentence holds: enough to find it in the history of the text. */
const SHORT_VERSION = 12;
const NOTHING: CertificateHoldings = { held: [], absences: new Map() };

/** What one caller may do, within one request: certificates are read at most once, and only where a policy for the action looks at them. */
export class CallerPolicies {
  /** That of the route that the request came by, once it is permitted. */
  routeGrant: PolicyGrant | undefined;
  /** What the route was: the question that was answered with the grant. */
  routeWish: PolicyWish | undefined;
  readonly #topics = new Map<string, Promise<Result<PolicyGrant>>>();
  #holdings: Promise<CertificateHoldings> | undefined;

  constructor(
    private readonly parts: PolicyParts,
    private readonly subject: PolicySubject,
  ) {}

  async decide(wish: PolicyWish): Promise<Result<PolicyGrant>> {
    return (await this.judge(wish)).outcome;
  }

  /** Whether the caller may submit to all of these topics, the route included. Undefined: neither was a question of policy. */
  async admit(topics: readonly string[]): Promise<Result<PolicyGrant | undefined>> {
    const grants: PolicyGrant[] = this.routeGrant === undefined ? [] : [this.routeGrant];
    for (const topic of topics) {
      const decided = await this.#decideTopic(topic);
      if (!decided.ok) return decided;
      grants.push(decided.value);
    }
    const [first, ...rest] = grants;
    return accept(first && joinGrants([first, ...rest]));
  }

  async judge(wish: PolicyWish): Promise<PolicyJudgement> {
    const { engine } = this.parts;
    const applicable = engine.listApplicable(wish.action);
    const isLooking = applicable.some(({ certificates }) => certificates.length > 0);
    const { held, absences } = isLooking ? await this.#list() : NOTHING;
    const checks = new Map<string, RevocationCheck>();
    let standing = held;
    for (;;) {
      const question = this.#ask(wish, standing);
      const verdict = engine.evaluate(question);
      const grounds = listGrounds(verdict, applicable);
      const { revocationMaxAgeMs } = grounds;
      const { policies } = verdict;
      const judged = { policies, question, absences, checks, revocationMaxAgeMs };
      if (!verdict.permitted) return { ...judged, outcome: this.#refuse(wish, judged) };
      const relied = standing.filter(({ name }) => grounds.certificates.has(name));
      await this.#check(relied, grounds, checks);
      const unknown = relied.find((one) => isUnknown(one, grounds, checks));
      // With it or without it: nobody can say which of the two is true, and a guess would be an attacker's to make.
      if (unknown !== undefined) return { ...judged, outcome: refuseUnknown(unknown, grounds) };
      const revoked = new Set(relied.filter(({ name }) => checks.get(name)?.state === 'revoked'));
      if (revoked.size === 0) return { ...judged, outcome: accept(this.#grant(policies, relied, grounds)) };
      standing = standing.filter((one) => !revoked.has(one));
    }
  }

  /** Whether the subject may do to each of these topics what several organisations agreed to. */
  async admitAgreed(topics: readonly string[], agreed: AgreedWish): Promise<Result<PolicyGrant>> {
    const grants: PolicyGrant[] = [];
    for (const topic of topics) {
      const decided = await this.decide({ ...agreed, resource: { type: 'Topic', id: topic } });
      if (!decided.ok) return decided;
      grants.push(decided.value);
    }
    const [first, ...rest] = grants;
    if (first === undefined) throw new Error('What is agreed to is for a topic.');
    return accept(joinGrants([first, ...rest]));
  }

  #decideTopic(topic: string): Promise<Result<PolicyGrant>> {
    const decided =
      this.#topics.get(topic) ?? this.decide({ action: SUBMIT_TO_TOPIC, resource: { type: 'Topic', id: topic } });
    this.#topics.set(topic, decided);
    return decided;
  }

  #list(): Promise<CertificateHoldings> {
    return (this.#holdings ??= this.parts.certificates.list(this.subject));
  }

  #ask(
    { action, resource, approvals = [], othersApprovals = approvals, step }: PolicyWish,
    certificates: readonly HeldCertificate[],
  ): PolicyQuestion {
    const asked = { action, resource, approvals, othersApprovals, step };
    return { ...this.subject, certificates, ...asked, nowMs: Date.now() };
  }

  async #check(
    relied: readonly HeldCertificate[],
    { revocationMaxAgeMs: maxAgeMs }: Grounds,
    checks: Map<string, RevocationCheck>,
  ): Promise<void> {
    const need = { maxAgeMs, nowMs: Date.now() };
    const asked = relied.map(async (one) => {
      checks.set(one.name, await checkRevocation(one.revocationOutpoint, need, this.parts.revocations));
    });
    await Promise.all(asked);
  }

  #grant(
    policies: readonly Policy[],
    relied: readonly HeldCertificate[],
    { revocationMaxAgeMs }: Grounds,
  ): PolicyGrant {
    const goodSince = revocationMaxAgeMs === undefined ? undefined : new Date(Date.now() - revocationMaxAgeMs);
    return {
      policyVersion: this.parts.engine.version,
      policies: policies.map(({ id }) => id),
      reliesOn: relied.map(({ hash, revocationOutpoint, mayBeUnknown }) => ({
        certificateHash: Buffer.from(hash, 'hex'),
        ...{ revocationOutpoint, goodSince, mayBeUnknown: mayBeUnknown && goodSince === undefined },
      })),
    };
  }

  #refuse({ action, resource, approvals }: PolicyWish, judged: Omit<PolicyJudgement, 'outcome'>): Result<never> {
    const { engine } = this.parts;
    const isAboutTopic = action === SUBMIT_TO_TOPIC || action === APPROVE_FOR_TOPIC;
    const at = isAboutTopic ? { topic: resource.id } : undefined;
    if (action === SUBMIT_TO_TOPIC && approvals === undefined && wouldApprovalsDo(engine, judged.question))
      return reject('proposal-required', undefined, at);
    const ids = judged.policies.map(({ id }) => id).join(', ');
    const decided = ids === '' ? `no policy permits ${action}` : `${action} is forbidden by ${ids}`;
    const revoked = listRevoked(judged, engine.listApplicable(action)).join(', ');
    const lost = revoked === '' ? '' : `; revoked: ${revoked}`;
    const detail = `${decided}${lost} (policies ${engine.version.slice(0, SHORT_VERSION)})`;
    return reject('policy-denied', detail, at);
  }
}

/** Of the certificates that these policies look at. */
function listRevoked(
  { absences, checks }: Pick<PolicyJudgement, 'absences' | 'checks'>,
  applicable: readonly Policy[],
): readonly string[] {
  const looked = new Set(applicable.flatMap(({ certificates }) => certificates));
  return [...looked].filter((name) => absences.get(name) === 'revoked' || checks.get(name)?.state === 'revoked');
}

const isUnknown = (
  { name, mayBeUnknown }: HeldCertificate,
  { revocationMaxAgeMs }: Grounds,
  checks: ReadonlyMap<string, RevocationCheck>,
): boolean => checks.get(name)?.state === 'unknown' && !(mayBeUnknown && revocationMaxAgeMs === undefined);

function refuseUnknown({ name }: HeldCertificate, { revocationMaxAgeMs }: Grounds): Result<never> {
  const age =
    revocationMaxAgeMs === undefined ? '' : `, by an answer of the last ${String(revocationMaxAgeMs / 1_000)} s`;
  return reject('revocation-unknown', `it could not be found out whether the certificate ${name} is revoked${age}`);
}

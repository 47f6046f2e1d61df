import { Inject, Injectable } from '@nestjs/common';
import type { RejectionCode } from '#atomic-core';
import { type Caller, OrganisationDirectory } from '../identity';
import { refuse } from '../ingress';
import type { CallerPolicies, PolicyJudgement, PolicyWish } from './caller-policies';
import type { Policy, PolicyResource } from './engine/policy';
import { HeldCertificates } from './held-certificates.service';
import { PolicyDecisions } from './policy-decisions.service';
import type { ExplainQuestion } from './read-explain-question';

interface PolicyView {
  readonly id: string;
  readonly effect: Policy['effect'];
  readonly file: string;
  readonly text: string;
}

interface CertificateView {
  readonly name: string;
  readonly certifier: string;
  readonly type: string;
  readonly state: 'held' | 'absent' | 'erased' | 'revoked';
  /** What its revocation was judged by; null where nothing rests on it. */
  readonly revocation: {
    readonly state: string;
    readonly source: string | null;
    readonly asOf: string;
    readonly ageSeconds: number;
  } | null;
}

export interface DecisionView {
  readonly action: string;
  readonly resource: PolicyResource;
  readonly decision: 'permit' | 'refuse';
  readonly code: RejectionCode | null;
  readonly detail: string | null;
  readonly policies: readonly PolicyView[];
  /** The permits that lack least, and what of them does not hold. */
  readonly missing: readonly (PolicyView & { readonly wants: readonly string[] })[];
  /** Those that policies for this action look at. */
  readonly certificates: readonly CertificateView[];
  readonly revocationMaxAgeSeconds: number | null;
}

export interface PolicyExplanation {
  readonly policyVersion: string;
  readonly identityKey: string;
  readonly organisation: string;
  readonly roles: readonly string[];
  readonly decision: DecisionView['decision'];
  readonly decisions: readonly DecisionView[];
}

const DENIALS: ReadonlySet<RejectionCode> = new Set(['policy-denied', 'proposal-required']);

const writePolicy = ({ id, effect, file, text }: Policy): PolicyView => ({ id, effect, file, text });

/** What a caller would get and why: the very decision, made and told, and nothing done with it. */
@Injectable()
export class ExplanationsService {
  constructor(
    @Inject(PolicyDecisions) private readonly decisions: PolicyDecisions,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
    @Inject(HeldCertificates) private readonly certificates: HeldCertificates,
  ) {}

  async explain(
    caller: Caller,
    { identityKey = caller.identityKey, wishes }: ExplainQuestion,
  ): Promise<PolicyExplanation> {
    // Whoever has no key is in no directory: it brings along what it is, and nobody else may ask about it.
    const known = identityKey === caller.identityKey ? caller : undefined;
    const organisation = known?.organisation ?? this.organisations.organisationOf(identityKey);
    // An identity that nobody lists is told as one of another organisation is: who belongs to whom is not for asking.
    if (organisation !== caller.organisation)
      return refuse('policy-denied', 'only members of your own organisation may be asked about');
    const roles = known?.roles ?? this.organisations.rolesOf(identityKey);
    const policies = this.decisions.openFor({ identityKey, organisation, roles });
    const decisions: DecisionView[] = [];
    for (const wish of wishes) decisions.push(await this.explainOne(policies, wish));
    return {
      policyVersion: this.decisions.engine.version,
      identityKey,
      organisation,
      roles,
      decision: decisions.every(({ decision }) => decision === 'permit') ? 'permit' : 'refuse',
      decisions,
    };
  }

  private async explainOne(policies: CallerPolicies, wish: PolicyWish): Promise<DecisionView> {
    const judgement = await policies.judge(wish);
    const { outcome, question, revocationMaxAgeMs } = judgement;
    const { engine } = this.decisions;
    const isDenied = !outcome.ok && DENIALS.has(outcome.rejection.code);
    // Where something forbids it, nothing that a permit could still get would help.
    const unmet = isDenied && judgement.policies.length === 0 ? await engine.listUnmet(question) : [];
    return {
      action: wish.action,
      resource: wish.resource,
      decision: outcome.ok ? 'permit' : 'refuse',
      code: outcome.ok ? null : outcome.rejection.code,
      detail: outcome.ok ? null : outcome.rejection.detail,
      policies: judgement.policies.map(writePolicy),
      missing: unmet.map(({ policy, wants }) => ({ ...writePolicy(policy), wants })),
      certificates: this.listCertificates(wish, judgement),
      revocationMaxAgeSeconds: revocationMaxAgeMs === undefined ? null : revocationMaxAgeMs / 1_000,
    };
  }

  private listCertificates(
    { action }: PolicyWish,
    { absences, checks, question }: PolicyJudgement,
  ): readonly CertificateView[] {
    const looked = new Set(this.decisions.engine.listApplicable(action).flatMap(({ certificates }) => certificates));
    return this.certificates.rules
      .filter(({ name }) => looked.has(name))
      .map(({ name, certifier, type }) => {
        const check = checks.get(name);
        const state = check?.state === 'revoked' ? 'revoked' : (absences.get(name) ?? 'held');
        const revocation = check && {
          ...{ state: check.state, source: check.source, asOf: new Date(check.asOfMs).toISOString() },
          ageSeconds: Math.max(0, Math.round((question.nowMs - check.asOfMs) / 1_000)),
        };
        return { name, certifier, type, state, revocation: revocation ?? null };
      });
  }
}

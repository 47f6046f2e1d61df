import type { Role } from '../../config';

/** What may be done, by the name under which policies speak of it. */
export interface PolicyAction {
  /** `GET /v1/topics/:topic`: method and pattern of a route, as it is documented; or `submitToTopic` or `approveForTopic`. */
  readonly name: string;
  readonly group: 'read' | 'write';
  readonly resource: PolicyResource['type'];
}

/** What it is done to: a topic where one is named, else this gateway. */
export interface PolicyResource {
  readonly type: 'Gateway' | 'Topic';
  readonly id: string;
}

/** Names of organisations and texts that a policy compares with. */
export interface ApprovalWords {
  readonly organisations: readonly string[];
  readonly texts: readonly string[];
}

/** One policy of the text, and what can be known of it before anybody asks. */
export interface Policy {
  /** Its `@id`. */
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly text: string;
  readonly file: string;
  /** Names of the configured certificates that it may look at. */
  readonly certificates: readonly string[];
  /** Its decision depends on who approved; what else of the context could help it is named here. */
  readonly approvals: ApprovalWords | undefined;
  /** Its decision depends on when it is asked. */
  readonly usesTime: boolean;
  /** Its `@revocationMaxAge`. */
  readonly revocationMaxAgeMs: number | undefined;
  /** Names of the actions that it can decide. */
  readonly actions: ReadonlySet<string>;
}

/** A certificate that its subject presented, and that is neither erased nor known to be revoked. */
export interface CertificateEvidence {
  /** As the configuration calls it. */
  readonly name: string;
  readonly certifier: string;
  readonly type?: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly presentedAtMs: number;
}

/** Everything that a decision may depend on. */
export interface PolicyQuestion {
  readonly identityKey: string;
  readonly organisation: string;
  readonly roles: readonly Role[];
  readonly certificates: readonly CertificateEvidence[];
  readonly action: string;
  readonly resource: PolicyResource;
  /** Organisations that signed what is asked for. */
  readonly approvals: readonly string[];
  /** Those of them for which somebody signed who is not the one who proposes it. */
  readonly othersApprovals: readonly string[];
  /** Of a workflow, where the request is one of its steps. */
  readonly step: string | undefined;
  readonly nowMs: number;
}

export interface PolicyVerdict {
  readonly permitted: boolean;
  /** Who decided: the permits that hold, or the forbids that do. None of either: nothing permits it. */
  readonly policies: readonly Policy[];
}

/** A permit that would apply, and what of it does not hold, in the words of the policy. */
export interface UnmetPolicy {
  readonly policy: Policy;
  readonly wants: readonly string[];
}

/** Answers from the policies alone: it reads no database, asks nobody, and knows no clock. */
export interface PolicyEngine {
  /** SHA-256 of the text, hex. */
  readonly version: string;
  readonly actions: ReadonlyMap<string, PolicyAction>;
  /** The policies that can decide this action for anybody. */
  listApplicable(action: string): readonly Policy[];
  evaluate(question: PolicyQuestion): PolicyVerdict;
  /** Of the permits that the action and the resource fit, those that lack least, nearest first. */
  listUnmet(question: PolicyQuestion): Promise<readonly UnmetPolicy[]>;
}

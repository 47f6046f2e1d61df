import { setImmediate } from 'node:timers/promises';
import { listWants } from './list-wants';
import { type Cedar, loadCedar } from './load-cedar';
import type { Policy, PolicyAction, PolicyEngine, PolicyQuestion, PolicyVerdict, UnmetPolicy } from './policy';
import { hashPolicies, type PolicyText } from './read-policy-files';
import { readPolicies } from './read-policies';
import { writeEntities } from './write-entities';
import { type NamedCertificate, STANDING, writeSchema } from './write-schema';

/** verdicts: at most 10 MB of names. The oldest goes first. */
const REMEMBERED_MAX = 20_000;
/** Characters: longer than the name of any topic that is hosted, and a caller may ask about any. */
const RESOURCE_CHARS_MAX = 128;
/** An explanation that lists them all explains nothing. */
const UNMET_MAX = 3;
/** permits: each is parsed, cut and asked in its parts, some milliseconds. */
const EXAMINED_MAX = 32;

/** The engine over these texts, or a ConfigError of one sentence that names the place of what is wrong with them. */
export const openEngine = async (
  texts: readonly PolicyText[],
  actions: ReadonlyMap<string, PolicyAction>,
  certificates: readonly NamedCertificate[],
): Promise<PolicyEngine> => {
  const cedar = await loadCedar();
  const schema = writeSchema(actions.values(), certificates);
  const parsed = cedar.checkParseSchema(schema);
  if (parsed.type === 'failure') throw new Error(`The schema is not valid: ${parsed.errors[0]?.message ?? ''}`);
  const certificateNames = [...certificates.map(({ name }) => name), STANDING];
  const policies = readPolicies(texts, { cedar, schema, certificateNames });
  return new CedarEngine(cedar, { version: hashPolicies(texts), policies }, actions);
};

class CedarEngine implements PolicyEngine {
  readonly version: string;
  readonly #policies: ReadonlyMap<string, Policy>;
  readonly #applicable: ReadonlyMap<string, readonly Policy[]>;
  /** Actions that are decided alike whenever they are asked about. */
  readonly #steady = new Set<string>();
  readonly #remembered = new Map<string, PolicyVerdict>();

  constructor(
    private readonly cedar: Cedar,
    { version, policies }: { readonly version: string; readonly policies: readonly Policy[] },
    readonly actions: ReadonlyMap<string, PolicyAction>,
  ) {
    this.version = version;
    this.#policies = new Map(policies.map((policy) => [policy.id, policy]));
    this.#applicable = new Map(
      [...actions.keys()].map((name) => [name, policies.filter((policy) => policy.actions.has(name))]),
    );
    for (const [name, applicable] of this.#applicable) this.#prepare(name, applicable);
  }

  listApplicable(action: string): readonly Policy[] {
    const applicable = this.#applicable.get(action);
    if (applicable === undefined) throw new Error(`There is no action ${action}.`);
    return applicable;
  }

  evaluate(question: PolicyQuestion): PolicyVerdict {
    const name = this.#nameOf(question);
    const remembered = name === undefined ? undefined : this.#remembered.get(name);
    if (remembered !== undefined) return remembered;
    const verdict = this.#ask(question);
    if (name !== undefined) this.#remember(name, verdict);
    return verdict;
  }

  /** One for each turn of the event loop: whoever asks why holds up nobody who asks whether. */
  async listUnmet(question: PolicyQuestion): Promise<readonly UnmetPolicy[]> {
    const call = writeEntities(question, this.#actionOf(question));
    const permits = this.listApplicable(question.action).filter(({ effect }) => effect === 'permit');
    const unmet: UnmetPolicy[] = [];
    for (const policy of permits.slice(0, EXAMINED_MAX)) {
      await setImmediate();
      const wants = listWants(this.cedar, policy.text, call);
      if (wants !== undefined && wants.length > 0) unmet.push({ policy, wants });
    }
    return unmet.sort((a, b) => a.wants.length - b.wants.length).slice(0, UNMET_MAX);
  }

  /** Cedar copies a set for each question, so each action has one of its own. By name, for the process: the same text is the same set. */
  #prepare(action: string, applicable: readonly Policy[]): void {
    const staticPolicies = Object.fromEntries(applicable.map(({ id, text }) => [id, text]));
    const prepared = this.cedar.preparsePolicySet(this.#setOf(action), { staticPolicies });
    if (prepared.type === 'failure') throw new Error('Policies that are valid by themselves are not together.');
    if (applicable.every(({ certificates, usesTime }) => !usesTime && certificates.length === 0))
      this.#steady.add(action);
  }

  #setOf(action: string): string {
    return `${this.version} ${action}`;
  }

  #ask(question: PolicyQuestion): PolicyVerdict {
    const call = writeEntities(question, this.#actionOf(question));
    const answer = this.cedar.statefulIsAuthorized({ ...call, preparsedPolicySetId: this.#setOf(question.action) });
    if (answer.type === 'failure') throw new Error(`Cedar did not decide: ${answer.errors[0]?.message ?? ''}`);
    const { decision, diagnostics } = answer.response;
    // Cedar passes over a policy that fails. A forbid that is passed over is a permit, so the request fails instead.
    const failed = diagnostics.errors.find(({ policyId }) => this.#policyOf(policyId).effect === 'forbid');
    if (failed !== undefined) throw new Error(`The policy "${failed.policyId}" failed: ${failed.error.message}`);
    const policies = diagnostics.reason.map((id) => this.#policyOf(id));
    policies.sort((a, b) => (a.id < b.id ? -1 : 1));
    return { permitted: decision === 'allow', policies };
  }

  #actionOf({ action, resource }: PolicyQuestion): PolicyAction {
    const found = this.actions.get(action);
    if (found?.resource !== resource.type) throw new Error(`There is no action ${action} on a ${resource.type}.`);
    return found;
  }

  #policyOf(id: string): Policy {
    const policy = this.#policies.get(id);
    if (policy === undefined) throw new Error(`There is no policy ${id}.`);
    return policy;
  }

  /** Of questions whose answer never changes while this process lives. */
  #nameOf({ identityKey, organisation, roles, action, resource, approvals, step }: PolicyQuestion): string | undefined {
    if (approvals.length > 0 || step !== undefined || resource.id.length > RESOURCE_CHARS_MAX) return undefined;
    return this.#steady.has(action)
      ? JSON.stringify([identityKey, organisation, roles, action, resource.id])
      : undefined;
  }

  #remember(name: string, verdict: PolicyVerdict): void {
    this.#remembered.set(name, verdict);
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#remembered.keys()) return void this.#remembered.delete(oldest);
  }
}

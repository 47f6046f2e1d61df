import { setTimeout as pause } from 'node:timers/promises';
import type { RenewableRight } from '../policies';
import type { Log } from '../telemetry';

/** Asked about at once: each may be a few statements. */
const TOGETHER_MAX = 8;
/** Questions of a look that nothing called for: those that were asked the longest ago. */
const ROUTINE_MAX = 64;
/** Then the next are asked beside those that have not answered: a source of revocation may take seconds, and one that hangs all the time that it is given. */
const PATIENCE_MS = 25;
/** A question without an answer is put again no sooner than this, where something was revoked since it was put. */
const ASK_ANEW_MS = 500;

interface Holder<Right> {
  readonly right: Right;
  readonly policy: RenewableRight;
}

interface PolicyLook<Right> {
  readonly holders: readonly Holder<Right>[];
  /** Something was revoked: everybody is asked about, and not the next few alone. */
  readonly isCalled: boolean;
  /** Told when the answer comes, which may be after the look. */
  readonly end: (right: Right, reason: string) => void;
}

interface Question<Right> {
  readonly policy: RenewableRight;
  readonly rights: Right[];
}

/**
 * Whether the policies still let streams go on. A look waits for nobody: it goes round whoever does not answer, takes a bounded time, and the next goes on
 * where it was. Each answer counts when it comes.
 */
export class StreamPolicies<Right> {
  /** By the name of a question, when it was put last. */
  readonly #asked = new Map<string, number>();
  /** Of those that have no answer yet, the last time of each. */
  readonly #unanswered = new Map<string, number>();
  /** Asked before something was revoked, and not since. */
  readonly #due = new Set<string>();

  constructor(private readonly log: Pick<Log, 'write'>) {}

  async look({ holders, isCalled, end }: PolicyLook<Right>): Promise<void> {
    const questions = this.#gather(holders, isCalled);
    const next = this.#choose(questions);
    for (let place = 0; place < next.length; place += TOGETHER_MAX) {
      const answers = next.slice(place, place + TOGETHER_MAX).map((question) => this.#ask(question, end));
      await Promise.race([Promise.all(answers), pause(PATIENCE_MS, undefined, { ref: false })]);
    }
  }

  /** Those who ask the same share an answer. */
  #gather(holders: readonly Holder<Right>[], isCalled: boolean): readonly Question<Right>[] {
    const questions = new Map<string, Question<Right>>();
    for (const { right, policy } of holders) {
      const known = questions.get(policy.name);
      if (known === undefined) questions.set(policy.name, { policy, rights: [right] });
      else known.rights.push(right);
    }
    if (isCalled) for (const name of questions.keys()) this.#due.add(name);
    for (const kept of [this.#asked, this.#due])
      for (const name of kept.keys()) if (!questions.has(name)) kept.delete(name);
    return [...questions.values()];
  }

  /** Whoever did not answer comes last. */
  #choose(questions: readonly Question<Right>[]): readonly Question<Right>[] {
    const nowMs = performance.now();
    const isDue = ({ policy: { name } }: Question<Right>): boolean => this.#due.has(name);
    const isOpen = ({ policy: { name } }: Question<Right>): boolean => this.#unanswered.has(name);
    const askedAt = ({ policy: { name } }: Question<Right>): number => this.#asked.get(name) ?? 0;
    const ordered = questions
      .filter((one) => !isOpen(one) || (isDue(one) && askedAt(one) <= nowMs - ASK_ANEW_MS))
      .sort((one, other) => Number(isOpen(one)) - Number(isOpen(other)) || askedAt(one) - askedAt(other));
    const routine = ordered.filter((one) => !isDue(one)).slice(0, ROUTINE_MAX);
    return [...ordered.filter(isDue), ...routine];
  }

  async #ask({ policy, rights }: Question<Right>, end: PolicyLook<Right>['end']): Promise<void> {
    const askedAtMs = performance.now();
    this.#due.delete(policy.name);
    this.#asked.set(policy.name, askedAtMs);
    this.#unanswered.set(policy.name, askedAtMs);
    try {
      const decided = await policy.ask();
      if (decided.ok) return;
      for (const right of rights) end(right, `the right to read is over: ${decided.rejection.code}`);
    } catch (error) {
      this.log.write('warn', 'the right of a stream could not be looked at', { error });
    } finally {
      if (this.#unanswered.get(policy.name) === askedAtMs) this.#unanswered.delete(policy.name);
    }
  }
}

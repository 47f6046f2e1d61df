import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { listEndedSessions } from '#ledger';
import { callerOf, kindOf, standingOf, type Caller } from '../identity';
import { KeyRing } from '../keys';
import { PolicyDecisions, type RenewableRight } from '../policies';
import { Log } from '../telemetry';

/** Asked about at once: each may be a few statements. */
const TOGETHER_MAX = 8;
/** Of a look that nothing called for: those that were asked about the longest ago. */
const ROUTINE_MAX = 64;

const OVER = {
  identity: 'the session is over',
  person: 'the session is over',
  machine: 'the certificate is over',
} as const;

/** What an open stream rests on. Its subscriber showed it once, and reads for an hour. */
export interface StreamRight {
  /** Of whoever signs. */
  readonly session: Pick<Caller, 'identityKey' | 'sessionNonce'> | undefined;
  /** Of whoever came without a key: a session in a browser, a certificate of the connection. */
  readonly standing: (() => Promise<boolean>) | undefined;
  readonly policy: RenewableRight | undefined;
  readonly over: string;
  /** When it was asked about last, by the clock of this process. */
  askedAtMs: number;
}

/** Whether streams may go on: by session, certificate and policy, as if their subscribers had come now. */
@Injectable()
export class StreamRights {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Of a request that was let in. */
  take(request: FastifyRequest): StreamRight {
    const { identityKey, sessionNonce } = callerOf(request);
    const kind = kindOf(identityKey);
    return {
      session: kind === 'identity' ? { identityKey, sessionNonce } : undefined,
      standing: standingOf(request),
      policy: this.policies.renew(request),
      over: OVER[kind],
      // Before all that were asked about: it may have ended since it was let in.
      askedAtMs: 0,
    };
  }

  /**
   * Those that are over, and why. Sessions are one statement for all; `isCalled`: something was revoked, so everybody is asked about the rest too, and not the
   * next few alone. Where it cannot be found out a stream goes on until the next look: its events come from the same database.
   */
  async findEnded(rights: readonly StreamRight[], isCalled: boolean): Promise<ReadonlyMap<StreamRight, string>> {
    const ended = new Map<StreamRight, string>();
    const isSessionOver = await this.findEndedSessions(rights);
    for (const right of rights) if (isSessionOver(right)) ended.set(right, right.over);
    const left = rights
      .filter((right) => !ended.has(right) && (right.standing !== undefined || right.policy !== undefined))
      .sort((one, other) => one.askedAtMs - other.askedAtMs)
      .slice(0, isCalled ? undefined : ROUTINE_MAX);
    const answers = new Map<string, Promise<string | undefined>>();
    for (let place = 0; place < left.length; place += TOGETHER_MAX) {
      const asked = left.slice(place, place + TOGETHER_MAX).map(async (right) => {
        const reason = await this.explainEnd(right, answers);
        right.askedAtMs = performance.now();
        if (reason !== undefined) ended.set(right, reason);
      });
      for (const outcome of await Promise.allSettled(asked))
        if (outcome.status === 'rejected')
          this.log.write('warn', 'the right of a stream could not be looked at', { error: outcome.reason as unknown });
    }
    return ended;
  }

  /** A session is over by itself, or with the key of the gateway that it was opened under. */
  private async findEndedSessions(rights: readonly StreamRight[]): Promise<(right: StreamRight) => boolean> {
    const nonces = new Set(rights.flatMap(({ session }) => session?.sessionNonce ?? []));
    const over = new Set(nonces.size === 0 ? [] : await listEndedSessions(this.database, [...nonces]));
    return ({ session }) =>
      session !== undefined && (over.has(session.sessionNonce) || this.ring.findMaker(session) === undefined);
  }

  private async explainEnd(
    { standing, policy, over }: StreamRight,
    answers: Map<string, Promise<string | undefined>>,
  ): Promise<string | undefined> {
    if (standing !== undefined && !(await standing())) return over;
    if (policy === undefined) return undefined;
    const answer = answers.get(policy.name) ?? this.explainRefusal(policy);
    answers.set(policy.name, answer);
    return answer;
  }

  private async explainRefusal(policy: RenewableRight): Promise<string | undefined> {
    const decided = await policy.ask();
    return decided.ok ? undefined : `the right to read is over: ${decided.rejection.code}`;
  }
}

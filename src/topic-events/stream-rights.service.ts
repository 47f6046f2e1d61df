import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { listEndedSessions } from '#ledger';
import { callerOf, kindOf, standingOf, type Caller } from '../identity';
import { KeyRing } from '../keys';
import { PolicyDecisions, type RenewableRight } from '../policies';
import { Log } from '../telemetry';
import { StreamPolicies } from './stream-policies';

/** Asked about at once: each may be a few statements. */
const TOGETHER_MAX = 8;
/** Sessions in browsers and certificates of connections in a look that nothing called for: those that were asked about the longest ago. */
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
  /** When `standing` was asked last, by the clock of this process. */
  standingAskedAtMs: number;
}

/** One look at what streams rest on. */
export interface RightsLook {
  readonly rights: readonly StreamRight[];
  /** Something was revoked: everybody is asked about, and not the next few alone. */
  readonly isCalled: boolean;
  /** Told of each that is over as soon as that is known. */
  readonly end: (right: StreamRight, reason: string) => void;
}

/** Whether streams may go on: by session, certificate and policy, as if their subscribers had come now. */
@Injectable()
export class StreamRights {
  private readonly streamPolicies: StreamPolicies<StreamRight>;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
    @Inject(Log) private readonly log: Log,
  ) {
    this.streamPolicies = new StreamPolicies(log);
  }

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
      standingAskedAtMs: 0,
    };
  }

  /**
   * Sessions, one statement for all, and then what those without a key came with. Never waits for a policy. Where it cannot be found out a stream goes on until
   * the next look: its events come from the same database.
   */
  async endSessions({ rights, isCalled, end }: RightsLook): Promise<void> {
    const isOver = await this.findEndedSessions(rights);
    for (const right of rights) if (isOver(right)) end(right, right.over);
    const left = rights
      .filter(({ standing }) => standing !== undefined)
      .sort((one, other) => one.standingAskedAtMs - other.standingAskedAtMs)
      .slice(0, isCalled ? undefined : ROUTINE_MAX);
    for (let place = 0; place < left.length; place += TOGETHER_MAX)
      await Promise.all(left.slice(place, place + TOGETHER_MAX).map((right) => this.endUnlessStanding(right, end)));
  }

  /** Returns within a bounded time, whatever policies rest on; answers that come later count when they come. */
  async endUnpermitted({ rights, isCalled, end }: RightsLook): Promise<void> {
    const holders = rights.flatMap((right) => (right.policy === undefined ? [] : [{ right, policy: right.policy }]));
    await this.streamPolicies.look({ holders, isCalled, end });
  }

  /** A session is over by itself, or with the key of the gateway that it was opened under. */
  private async findEndedSessions(rights: readonly StreamRight[]): Promise<(right: StreamRight) => boolean> {
    const nonces = new Set(rights.flatMap(({ session }) => session?.sessionNonce ?? []));
    const over = new Set(nonces.size === 0 ? [] : await listEndedSessions(this.database, [...nonces]));
    return ({ session }) =>
      session !== undefined && (over.has(session.sessionNonce) || this.ring.findMaker(session) === undefined);
  }

  private async endUnlessStanding(right: StreamRight, end: RightsLook['end']): Promise<void> {
    right.standingAskedAtMs = performance.now();
    try {
      if ((await right.standing?.()) === false) end(right, right.over);
    } catch (error) {
      this.log.write('warn', 'the right of a stream could not be looked at', { error });
    }
  }
}

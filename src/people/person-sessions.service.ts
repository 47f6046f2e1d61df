import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  endPersonSession,
  endPersonSessions,
  findPersonSession,
  isPersonSessionOpen,
  openPersonSession,
  type PersonSession,
} from '#ledger';
import { CONFIG, type Config } from '../config';
import { namePerson, type Caller, type CallerSource } from '../identity';
import { isUpgrade, refuse, unwrap } from '../ingress';
import { KeyRing } from '../keys';
import { readCookie, writeCookie } from './cookies';
import type { Account } from './identity-provider.service';
import { isFirstRun } from './is-first-run';
import { judgeOrigin } from './judge-origin';
import { PublicOrigin } from './public-origin.service';
import { joinGrants, keepKnown, type Membership } from './read-grants';
import { hashToken, isSessionToken, makeSessionToken } from './token';

/** Of sessions that a setup link opened: no provider has this name. */
export const SETUP_ISSUER = 'urn:portcullis:setup';

/** Somebody who is logged in, and as what. */
export interface PresentPerson extends Membership {
  readonly session: PersonSession;
}

/** Sessions of people: a random token in a cookie, its hash in the database, so that any replica knows it and any can end it. */
@Injectable()
export class PersonSessions implements CallerSource {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PublicOrigin) private readonly place: PublicOrigin,
    @Inject(KeyRing) private readonly keys: KeyRing,
  ) {}

  isClaimed(request: FastifyRequest): boolean {
    return this.tokenOf(request) !== undefined;
  }

  /** Of a request under `/v1`. */
  async authenticate(request: FastifyRequest): Promise<Caller> {
    unwrap(judgeOrigin(request, this.place.origin, { isSocket: isUpgrade(request) }));
    const person = await this.find(request);
    return person === undefined ? refuse('person-session-ended') : callerFor(person, request.id);
  }

  async isStanding(request: FastifyRequest): Promise<boolean> {
    const token = this.tokenOf(request);
    return token !== undefined && (await isPersonSessionOpen(this.database, hashToken(token)));
  }

  /** Undefined where nobody is logged in, or the configuration does not give this account anything any more. */
  async find(request: FastifyRequest): Promise<PresentPerson | undefined> {
    const token = this.tokenOf(request);
    if (token === undefined) return undefined;
    const session = await findPersonSession(this.database, hashToken(token), this.config.personSessionIdleMs);
    const membership = session && this.membershipOf(session);
    return session && membership && { session, ...membership };
  }

  /** The cookie of a new session. A token that the browser had before is worth nothing from here on, whoever put it there. */
  async open(request: FastifyRequest, account: Account): Promise<string> {
    const membership = joinGrants(account.values, this.config.oidcRoles);
    if (membership === undefined) return refuse('login-without-role');
    const grants = keepKnown(account.values, this.config.oidcRoles);
    return this.openFor(request, { ...account, organisation: membership.organisation, grants });
  }

  openOwner(request: FastifyRequest, organisation: string): Promise<string> {
    const owner = { issuer: SETUP_ISSUER, subject: 'owner', displayName: undefined, grants: [] };
    return this.openFor(request, { ...owner, organisation });
  }

  /** `everywhere`: all sessions of the account. */
  async end(request: FastifyRequest, everywhere: boolean): Promise<void> {
    const token = this.tokenOf(request);
    if (token === undefined) return;
    const person = everywhere ? await this.find(request) : undefined;
    await endPersonSession(this.database, hashToken(token));
    if (person !== undefined) await endPersonSessions(this.database, person.session.issuer, person.session.subject);
  }

  private async openFor(request: FastifyRequest, person: Omit<PersonSession, 'createdAt' | 'endsAt'>): Promise<string> {
    const { personSessionIdleMs: idleMs, personSessionTtlMs: ttlMs } = this.config;
    await this.end(request, false);
    const token = makeSessionToken(this.keys.deriveLoginKeys());
    const { issuer, subject, displayName, organisation, grants } = person;
    const kept = { issuer, subject, displayName, organisation, grants };
    await openPersonSession(this.database, { ...kept, tokenHash: hashToken(token), idleMs, ttlMs });
    const { isSecure } = this.place;
    return writeCookie('session', token, { isSecure, maxAgeSeconds: Math.floor(ttlMs / 1_000) });
  }

  /** By the configuration of today: what it does not give any more is gone with its next start, whatever a session remembers. */
  private membershipOf({ issuer, organisation, grants }: PersonSession): Membership | undefined {
    const { oidcIssuer, oidcRoles } = this.config;
    if (issuer === SETUP_ISSUER) return isFirstRun(this.config) ? { organisation, roles: ['owner'] } : undefined;
    if (oidcIssuer === undefined || new URL(oidcIssuer).href !== new URL(issuer).href) return undefined;
    const membership = joinGrants(grants, oidcRoles);
    return membership?.organisation === organisation ? membership : undefined;
  }

  private tokenOf(request: FastifyRequest): string | undefined {
    const token = readCookie(request, 'session', this.place.isSecure);
    return isSessionToken(this.keys.deriveLoginKeys(), token) ? token : undefined;
  }
}

export const callerFor = ({ session, organisation, roles }: PresentPerson, requestId: string): Caller => ({
  ...{ identityKey: namePerson(session.issuer, session.subject), organisation, roles },
  ...{ sessionNonce: '', requestId },
});

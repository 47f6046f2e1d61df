import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { RejectionError, TokenBuckets, rateKeyOfAddress, refuse } from '../ingress';
import { KeyRing } from '../keys';
import { Log } from '../telemetry';
import { dropCookie, readCookie, writeCookie } from './cookies';
import { IdentityProvider } from './identity-provider.service';
import { PersonSessions } from './person-sessions.service';
import { PublicOrigin } from './public-origin.service';
import { readReturnTo } from './read-return-to';
import { LOGIN_TTL_MS, openLogin, sealLogin } from './seal-login';

/** Ways back from one address: each may cost a question to the provider. A company behind one address in the morning stays below it. */
const RETURNS_PER_SECOND = 5;
const RETURNS_AT_ONCE = 50;
const ADDRESSES_MAX = 10_000;

export interface Redirection {
  readonly location: string;
  readonly cookies: readonly string[];
}

/** A login: to the provider and back. */
@Injectable()
export class Logins {
  /** Shared by all replicas. */
  readonly returns = new TokenBuckets(RETURNS_PER_SECOND, ADDRESSES_MAX, RETURNS_AT_ONCE);

  constructor(
    @Inject(IdentityProvider) private readonly provider: IdentityProvider,
    @Inject(PersonSessions) private readonly sessions: PersonSessions,
    @Inject(PublicOrigin) private readonly place: PublicOrigin,
    @Inject(KeyRing) private readonly keys: KeyRing,
    @Inject(Log) private readonly log: Log,
  ) {}

  async begin(asked: unknown): Promise<Redirection> {
    const login = {
      ...{ state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() },
      ...{ returnTo: readReturnTo(asked), endsAtMs: Date.now() + LOGIN_TTL_MS },
    };
    const { isSecure } = this.place;
    const location = await this.provider.begin(login, this.redirectUri);
    const sealed = sealLogin(this.keys.deriveLoginKeys(), login);
    const cookie = writeCookie('login', sealed, { isSecure, maxAgeSeconds: LOGIN_TTL_MS / 1_000 });
    return { location: location.href, cookies: [cookie] };
  }

  async finish(request: FastifyRequest): Promise<Redirection> {
    const { isSecure } = this.place;
    const sealed = readCookie(request, 'login', isSecure);
    const login = sealed === undefined ? undefined : openLogin(this.keys.deriveLoginKeys(), sealed, Date.now());
    const cameBack = new URL(this.redirectUri);
    cameBack.search = request.url.slice(request.url.indexOf('?') + 1 || request.url.length);
    // Before the provider is asked anything: what was not begun in this browser, somebody else began.
    if (login === undefined || cameBack.searchParams.get('state') !== login.state) return refuse('login-malformed');
    const wait = this.returns.take(rateKeyOfAddress(request.ip), performance.now());
    if (wait > 0) {
      const detail = 'Too many logins from this address.';
      throw new RejectionError({ code: 'rate-limited', detail }, { retryAfterSeconds: wait });
    }
    const account = await this.provider.finish(login, cameBack);
    const { issuer, subject } = account;
    try {
      const cookie = await this.sessions.open(request, account);
      this.log.write('info', 'a person logged in', { issuer, subject });
      return { location: login.returnTo, cookies: [cookie, dropCookie('login', isSecure)] };
    } catch (refusal) {
      if (refusal instanceof RejectionError)
        this.log.write('warn', 'an account without a role came', { issuer, subject });
      throw refusal;
    }
  }

  private get redirectUri(): string {
    return `${this.place.address}/people/callback`;
  }
}

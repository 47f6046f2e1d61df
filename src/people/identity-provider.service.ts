import { Inject, Injectable } from '@nestjs/common';
import {
  type ClientAuth,
  type Configuration,
  None,
  ClientSecretBasic,
  ClientSecretPost,
  ResponseBodyError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from 'openid-client';
import type { HttpClient } from '#ports';
import { CONFIG, type Config } from '../config';
import { HTTP_CLIENT } from '../egress';
import { RejectionError, refuse } from '../ingress';
import { Log } from '../telemetry';
import { PROVIDER_TIMEOUT_MS, makeEgressFetch } from './egress-fetch';
import { readClaim } from './read-grants';
import type { PendingLogin } from './seal-login';

/** What the provider says of itself is asked anew after that, so that a change over there needs no restart here. */
const METADATA_TTL_MS = 600_000;
/** Exchanges of codes at once. A provider that is slow would otherwise hold as many requests as come. */
const EXCHANGES_MAX = 64;
const SUBJECT = /^[\x21-\x7e]{1,255}$/u;
const NAME_CHARS_MAX = 200;

/** Who somebody is, by a provider whose word was checked. */
export interface Account {
  readonly issuer: string;
  readonly subject: string;
  readonly displayName: string | undefined;
  /** Of the claim that roles come from. */
  readonly values: readonly string[];
}

/** Nobody answered, or as if out of order: nothing that whoever logs in could mend. */
const OUTAGES = new Set(['EgressFailedError', 'EgressRefusedError', 'TimeoutError', 'AbortError']);
const CAUSES_MAX = 8;

const isOutage = (error: unknown): boolean => {
  let one: unknown = error;
  for (let depth = 0; depth < CAUSES_MAX && one !== undefined; depth += 1) {
    if (one instanceof Response) return one.status >= 500;
    if (one instanceof ResponseBodyError) return one.status >= 500 || one.error === 'invalid_client';
    if (!(one instanceof Error)) return false;
    if (OUTAGES.has(one.name)) return true;
    one = one.cause;
  }
  return false;
};

/** What a provider does not say is `client_secret_basic` (OpenID Connect Discovery, section 3). */
const proveClient =
  (secret: string): ClientAuth =>
  (provider, ...rest) => {
    const isPost = provider.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    (isPost ? ClientSecretPost(secret) : ClientSecretBasic(secret))(provider, ...rest);
  };

/** The provider that people log in with: OpenID Connect, authorization code with PKCE. Asked when somebody logs in; a gateway starts without it. */
@Injectable()
export class IdentityProvider {
  #metadata: { readonly atMs: number; readonly found: Promise<Configuration> } | undefined;
  #exchanges = 0;
  /** Of the last question to it. */
  #isAnswering: boolean | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(HTTP_CLIENT) private readonly http: HttpClient,
    @Inject(Log) private readonly log: Log,
  ) {}

  get isConfigured(): boolean {
    return this.config.oidcIssuer !== undefined;
  }

  /** Undefined: nobody has asked it anything yet. */
  get isAnswering(): boolean | undefined {
    return this.#isAnswering;
  }

  /** Where the browser goes to log in. */
  async begin(login: PendingLogin, redirectUri: string): Promise<URL> {
    const provider = await this.#open();
    return buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: this.config.oidcScope,
      state: login.state,
      nonce: login.nonce,
      code_challenge: await calculatePKCECodeChallenge(login.verifier),
      code_challenge_method: 'S256',
    });
  }

  /** What came back with the browser, exchanged and checked: state, issuer (RFC 9207), nonce, signature, audience and time. */
  async finish(login: PendingLogin, cameBack: URL): Promise<Account> {
    const provider = await this.#open();
    if (this.#exchanges >= EXCHANGES_MAX) return refuse('login-unavailable', 'Too many logins wait for the provider.');
    this.#exchanges += 1;
    try {
      return await this.#exchange(provider, login, cameBack);
    } catch (error) {
      if (error instanceof RejectionError) throw error;
      const isDown = isOutage(error);
      if (isDown) this.#isAnswering = false;
      this.log.write('warn', 'a login failed at the provider', { error });
      return refuse(isDown ? 'login-unavailable' : 'login-refused');
    } finally {
      this.#exchanges -= 1;
    }
  }

  /** Where the session over there ends, too; undefined where the provider offers no such place, or does not answer. */
  async findLogoutUrl(returnTo: string): Promise<string | undefined> {
    if (!this.isConfigured) return undefined;
    try {
      const provider = await this.#open();
      if (provider.serverMetadata().end_session_endpoint === undefined) return undefined;
      return buildEndSessionUrl(provider, { post_logout_redirect_uri: returnTo }).href;
    } catch {
      // The session here has ended; the reason is in the log.
      return undefined;
    }
  }

  async #exchange(provider: Configuration, login: PendingLogin, cameBack: URL): Promise<Account> {
    const tokens = await authorizationCodeGrant(provider, cameBack, {
      expectedState: login.state,
      expectedNonce: login.nonce,
      pkceCodeVerifier: login.verifier,
      idTokenExpected: true,
    });
    this.#isAnswering = true;
    const claims = tokens.claims();
    if (claims === undefined || !SUBJECT.test(claims.sub)) return refuse('login-refused');
    const values = readClaim(claims, this.config.oidcRolesClaim);
    // Many providers put into the token only who somebody is, and tell the rest to whoever has the access token.
    const more =
      values.length > 0 || provider.serverMetadata().userinfo_endpoint === undefined
        ? undefined
        : await fetchUserInfo(provider, tokens.access_token, claims.sub);
    return {
      issuer: claims.iss,
      subject: claims.sub,
      displayName: readName({ ...more, ...claims }),
      values: more === undefined ? values : readClaim(more, this.config.oidcRolesClaim),
    };
  }

  async #open(): Promise<Configuration> {
    const { oidcIssuer } = this.config;
    if (oidcIssuer === undefined) return refuse('login-not-offered');
    const known = this.#metadata;
    const isFresh = known !== undefined && performance.now() - known.atMs < METADATA_TTL_MS;
    const asked = isFresh ? known : { atMs: performance.now(), found: this.#discover(oidcIssuer) };
    this.#metadata = asked;
    try {
      return await asked.found;
    } catch (error) {
      if (this.#metadata === asked) {
        this.#metadata = undefined;
        this.#isAnswering = false;
        this.log.write('warn', 'the identity provider does not answer', { error });
      }
      return refuse('login-unavailable');
    }
  }

  async #discover(issuer: string): Promise<Configuration> {
    const { oidcClientId = '', oidcClientSecret } = this.config;
    // In development alone: the configuration refuses it in production. Marked as deprecated so that nobody uses it without a look.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
    const insecure = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    const options = {
      // Without it the library believes an ID token for the connection that it came by. Ours may go over plain HTTP in development.
      execute: [enableNonRepudiationChecks, ...insecure],
      [customFetch]: makeEgressFetch(this.http),
      timeout: PROVIDER_TIMEOUT_MS / 1_000,
    };
    const secret = oidcClientSecret?.reveal();
    const proof = secret === undefined ? None() : proveClient(secret);
    const found = await discovery(new URL(issuer), oidcClientId, undefined, proof, options);
    this.#isAnswering = true;
    return found;
  }
}

const cleanName = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const clean = value.replaceAll(/[\p{Cc}\p{Cs}]/gu, '').trim();
  return clean === '' ? undefined : clean.slice(0, NAME_CHARS_MAX);
};

const readName = (claims: Readonly<Record<string, unknown>>): string | undefined =>
  cleanName(claims['name']) ?? cleanName(claims['preferred_username']) ?? cleanName(claims['email']);

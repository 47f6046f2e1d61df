import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { CLIENT } from './people-rig';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

/** What it does otherwise than a provider should. */
export interface Lie {
  readonly claims?: Record<string, unknown>;
  /** With a key that it never published. */
  readonly isForged?: boolean;
  readonly isUnsigned?: boolean;
  /** With the client's secret in place of its key. */
  readonly hmacKey?: string;
  /** In place of the ID token. */
  readonly idToken?: string;
  readonly answer?: (path: string, response: ServerResponse) => boolean;
  readonly metadata?: Record<string, unknown>;
}

/** Signs whatever it is told to, with keys of its own. */
export class LyingProvider {
  lie: Lie = {};
  readonly asked: { readonly path: string; readonly form: URLSearchParams }[] = [];
  private nonce = '';

  private constructor(
    private readonly server: Server,
    private readonly keys: Keys,
    private readonly others: Keys,
  ) {}

  static async start(): Promise<LyingProvider> {
    const keys = await generateKeyPair('RS256', { extractable: true });
    const others = await generateKeyPair('RS256', { extractable: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const provider = new LyingProvider(server, keys, others);
    server.on('request', (request, response) => void provider.answer(request, response));
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** What a browser would bring back, had it logged in here. */
  comeBack(authorization: string): string {
    const asked = new URL(authorization).searchParams;
    this.nonce = asked.get('nonce') ?? '';
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('code', 'a-code');
    back.searchParams.set('state', asked.get('state') ?? '');
    return back.href;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.asked.push({ path, form: new URLSearchParams(Buffer.concat(chunks).toString('utf8')) });
    if (this.lie.answer?.(path, response) === true) return;
    const body = await this.write(path);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  }

  private async write(path: string): Promise<object | undefined> {
    const { issuer } = this;
    if (path === '/.well-known/openid-configuration')
      return {
        ...{
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
        },
        ...{ response_types_supported: ['code'], subject_types_supported: ['public'] },
        id_token_signing_alg_values_supported: ['RS256'],
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        ...this.lie.metadata,
      };
    if (path === '/jwks')
      return { keys: [{ ...(await exportJWK(this.keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] };
    if (path === '/token')
      return { access_token: 'a-token', token_type: 'bearer', expires_in: 60, id_token: await this.writeToken() };
    return undefined;
  }

  private async writeToken(): Promise<string> {
    const { claims = {}, isForged = false, isUnsigned = false, hmacKey, idToken } = this.lie;
    if (idToken !== undefined) return idToken;
    const now = Math.floor(Date.now() / 1_000);
    const given: JWTPayload = {
      ...{ iss: this.issuer, aud: CLIENT, sub: 'eve', nonce: this.nonce, iat: now, exp: now + 60 },
      roles: ['acme-operators'],
      ...claims,
    };
    if (isUnsigned) return new UnsecuredJWT(given).encode();
    if (hmacKey !== undefined)
      return new SignJWT(given).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(hmacKey));
    const key = isForged ? this.others.privateKey : this.keys.privateKey;
    return new SignJWT(given).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key);
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Version {
  readonly data: unknown;
  deletedAt: string;
}

export interface Asked {
  readonly line: string;
  readonly token: string;
}

type Reply = (response: ServerResponse) => void;

const readBody = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>);
};

const answer = (response: ServerResponse, status: number, body?: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
};

const fail = (response: ServerResponse, status: number, ...errors: string[]): void =>
  answer(response, status, { errors });

/**
 * KV version 2 and logins as the documentation of Vault's HTTP API has them: versions, check-and-set, soft deletion, policies, the seal. The real Vault and
 * OpenBao are not to be had here.
 */
export class VaultServer {
  readonly #server: Server;
  readonly #tokens = new Set(['root-token']);
  readonly asked: Asked[] = [];
  versions: Version[] = [];
  isSealed = false;
  isReadable = true;
  /** In place of what it should do. */
  instead: Reply | undefined;
  logins: Record<string, Record<string, string>> = {
    'auth/approle/login': { role_id: 'role', secret_id: 'secret-id' },
    'auth/kubernetes/login': { role: 'gateway', jwt: 'jwt-of-the-pod' },
  };

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<VaultServer> {
    const vault = new VaultServer();
    await new Promise<void>((resolve) => vault.#server.listen(0, '127.0.0.1', resolve));
    return vault;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Tokens that are still good, besides the operator's. */
  get liveTokens(): number {
    return this.#tokens.size - 1;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/^\/v1\//u, '');
    const token = String(request.headers['x-vault-token'] ?? '');
    this.asked.push({ line: `${request.method ?? ''} ${path}`, token });
    const body = await readBody(request);
    if (this.isSealed) return fail(response, 503, 'Vault is sealed');
    if (path in this.logins) return this.#login(path, body, response);
    if (!this.#tokens.has(token)) return fail(response, 403, 'permission denied');
    if (path === 'auth/token/revoke-self') {
      this.#tokens.delete(token);
      return answer(response, 204);
    }
    if (this.instead !== undefined) return this.instead(response);
    if (path !== 'secret/data/portcullis' || !this.isReadable)
      return fail(response, 403, '1 error occurred: permission denied');
    return request.method === 'GET' ? this.#read(response) : this.#write(body, response);
  }

  #login(path: string, body: Record<string, unknown>, response: ServerResponse): void {
    const wanted = Object.entries(this.logins[path] ?? {});
    if (!wanted.every(([name, value]) => body[name] === value)) return fail(response, 400, 'invalid role or secret ID');
    const client_token = `hvs.${Math.random().toString(36).slice(2)}`;
    this.#tokens.add(client_token);
    return answer(response, 200, { auth: { client_token, lease_duration: 3600, renewable: true } });
  }

  #read(response: ServerResponse): void {
    const latest = this.versions.at(-1);
    if (latest === undefined) return fail(response, 404);
    const metadata = { version: this.versions.length, destroyed: false, deletion_time: latest.deletedAt };
    const isDeleted = latest.deletedAt !== '';
    return answer(response, isDeleted ? 404 : 200, { data: { data: isDeleted ? null : latest.data, metadata } });
  }

  #write(body: Record<string, unknown>, response: ServerResponse): void {
    const cas = (body['options'] as { cas?: number } | undefined)?.cas;
    if (cas !== undefined && cas !== this.versions.length)
      return fail(response, 400, 'check-and-set parameter did not match the current version');
    this.versions.push({ data: body['data'], deletedAt: '' });
    return answer(response, 200, { data: { version: this.versions.length, destroyed: false, deletion_time: '' } });
  }
}

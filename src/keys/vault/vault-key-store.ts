import type { z } from 'zod';
import { deriveRelaySecrets } from '#atomic-core';
import type { HttpClient, KeyStore, OutboundAnswer, RootKey } from '#ports';
import { unavailable, unusable } from '../key-store-error';
import type { ReadSecret } from '../read-secret';
import {
  deletedAnswer,
  loginAnswer,
  readStoredKeys,
  secretAnswer,
  writeStoredKeys,
  writtenAnswer,
} from './vault-answers';
import type { VaultSettings } from './vault-settings';

const TIMEOUT_MS = 10_000;
/** 64 keys and what Vault says about them. */
const ANSWER_BYTES_MAX = 65_536;

interface Exchange {
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** What Vault means by the codes that it documents; its own words are left out: they are another's, and may quote what they were given. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'it did not take the request (wrong credentials, or the keys were changed by somebody else)',
  403: 'it does not allow this (token, policy or path)',
  404: 'there is no such path',
  429: 'it is a standby, or too many ask',
  472: 'it is a standby',
  473: 'it is a standby',
  501: 'it is not initialised',
  503: 'it is sealed',
};

const refused = (status: number): Error => {
  const sentence = `Vault did not answer with the keys: ${REASONS[status] ?? 'it failed'} (${status}).`;
  return status === 400 || status === 403 || status === 404 ? unusable(sentence) : unavailable(sentence);
};

const parseBody = <Schema extends z.ZodType>(
  { body }: OutboundAnswer,
  schema: Schema,
): z.output<Schema> | undefined => {
  try {
    const parsed = schema.safeParse(JSON.parse(body.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  } finally {
    body.fill(0);
  }
};

/** Keys in the KV engine (version 2) of HashiCorp Vault or OpenBao. */
export class VaultKeyStore implements KeyStore {
  readonly name: string;
  /** Of what was loaded; 0 where there was nothing. */
  #version = 0;

  constructor(
    private readonly http: HttpClient,
    private readonly settings: VaultSettings,
    private readonly readSecret: ReadSecret,
  ) {
    this.name = `Vault at ${new URL(settings.url).host}, ${settings.mount}/${settings.path}`;
  }

  loadKeys(signal: AbortSignal): Promise<readonly RootKey[]> {
    return this.#withToken(signal, async (token) => {
      const answer = await this.#ask({ path: this.#dataPath, token, signal });
      if (answer.status === 404) {
        // A path that was never written is free; one that was deleted holds an identity that somebody wanted gone.
        if (parseBody(answer, deletedAnswer) !== undefined)
          throw unusable('The keys in Vault were deleted; undelete them there.');
        this.#version = 0;
        return [];
      }
      if (answer.status !== 200) throw refused(answer.status);
      const read = parseBody(answer, secretAnswer);
      const keys = read && readStoredKeys(read.data.data.keys);
      if (read === undefined || keys === undefined) throw unusable('What Vault answered are no keys of a gateway.');
      this.#refuseStranger(keys);
      this.#version = read.data.metadata.version;
      return keys;
    });
  }

  replaceKeys(keys: readonly RootKey[], signal: AbortSignal): Promise<void> {
    return this.#withToken(signal, async (token) => {
      // Check-and-set: Vault itself refuses where another version is there by now.
      const body = { options: { cas: this.#version }, data: { keys: writeStoredKeys(keys) } };
      const answer = await this.#ask({ path: this.#dataPath, token, body, signal });
      if (answer.status !== 200) throw refused(answer.status);
      const written = parseBody(answer, writtenAnswer);
      if (written?.data.version !== this.#version + 1)
        throw unusable('Vault did not say that it wrote the keys; look before anything else is done.');
      this.#version = written.data.version;
    });
  }

  get #dataPath(): string {
    return `${this.settings.mount}/data/${this.settings.path}`;
  }

  #refuseStranger(keys: readonly RootKey[]): void {
    const { identityKey } = this.settings;
    if (identityKey === undefined) return;
    if (keys.some(({ root }) => deriveRelaySecrets(root).identityKey === identityKey)) return;
    for (const { root } of keys) root.fill(0);
    throw unusable(
      'The keys in Vault are not those of this gateway: the identity key that is configured is not among them.',
    );
  }

  /** A token that was taken for this is given back: it would live on for hours. */
  async #withToken<T>(signal: AbortSignal, work: (token: string) => Promise<T>): Promise<T> {
    const { method } = this.settings.auth;
    const token = await this.#login(signal);
    try {
      return await work(token);
    } finally {
      if (method !== 'token')
        await this.#ask({ path: 'auth/token/revoke-self', token, body: {}, signal }).catch(() => undefined);
    }
  }

  async #login(signal: AbortSignal): Promise<string> {
    const secret = await this.readSecret();
    const text = secret.toString('utf8');
    secret.fill(0);
    const { auth } = this.settings;
    if (auth.method === 'token') return text;
    const body = auth.method === 'approle' ? { role_id: auth.roleId, secret_id: text } : { role: auth.role, jwt: text };
    const answer = await this.#ask({ path: `auth/${auth.mount}/login`, body, signal });
    if (answer.status !== 200) throw refused(answer.status);
    const login = parseBody(answer, loginAnswer);
    if (login === undefined) throw unusable('Vault answered the login without a token.');
    return login.auth.client_token;
  }

  async #ask({ path, token, body, signal }: Exchange): Promise<OutboundAnswer> {
    const { url, namespace } = this.settings;
    if (token !== undefined && !/^[\x21-\x7e]+$/u.test(token)) throw unusable('The token of Vault is malformed.');
    try {
      return await this.http.send(
        {
          method: body === undefined ? 'GET' : 'POST',
          url: `${url}/v1/${path}`,
          headers: {
            'x-vault-request': 'true',
            ...(token !== undefined && { 'x-vault-token': token }),
            ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          ...{ timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX },
        },
        signal,
      );
    } catch (error) {
      throw unavailable(`Vault cannot be asked: ${error instanceof Error ? error.message : 'it failed'}.`);
    }
  }
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface TestClient {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly redirect_uris: readonly string[];
  readonly post_logout_redirect_uris?: readonly string[];
  readonly token_endpoint_auth_method?: string;
}

export interface ProviderSetup {
  readonly clients: readonly TestClient[];
  /** By subject, the claims of each. */
  readonly accounts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly port?: number;
}

/** `oidc-provider`, the certified one, on this machine. */
export class TestProvider {
  private constructor(
    readonly issuer: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(setup: ProviderSetup): Promise<TestProvider> {
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
    const child = fork(join(__dirname, 'provider-child.mjs'), [JSON.stringify(setup)], { stdio: [...stdio] });
    const [message] = (await once(child, 'message')) as [{ issuer: string }];
    return new TestProvider(message.issuer, child);
  }

  /** The authorization requests that browsers came with. */
  async listRequests(): Promise<Record<string, string>[]> {
    return (await (await fetch(`${this.issuer}/seen`)).json()) as Record<string, string>[];
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

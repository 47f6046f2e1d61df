import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { ENDORSEMENT_PROTOCOL, TRUST_KEY_ID, writeEndorsement } from '#atomic-core';
import { CertificateWallet, createTestDatabase, makeCertificateType, TestCertifier, type TestDatabase } from '#testkit';
import { RawCaller, type RawAnswer } from '../contract/raw-caller';
import { GatewayProcess } from '../../src/demo/gateway-process';

// The processes run the build, as an operator's would; `npm test` builds first.
const MAIN = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
export const TYPE = makeCertificateType(31);

/** One of Acme and one of Globex have to approve; who comes from outside by a certificate that says so. */
const POLICIES = `
@id("routes") permit (principal, action, resource is Gateway);
@id("reads") permit (principal, action in Action::"read", resource);
@id("both")
permit (principal in Role::"submitter", action == Action::"submitToTopic", resource == Topic::"tm_documents")
when { context.approvals.organisations.containsAll([Organisation::"acme", Organisation::"globex"]) };
@id("own-approvers") permit (principal in Role::"approver", action == Action::"approveForTopic", resource == Topic::"tm_documents");
@id("approvers-of-others") @revocationMaxAge("10m")
permit (principal, action == Action::"approveForTopic", resource == Topic::"tm_documents")
when { principal.certificates has standing && principal.certificates.standing.fields.contains("role=approver") };
`;

/** An operator with a gateway, a database, a certifier and one member. */
export class Operator {
  private constructor(
    readonly organisation: string,
    readonly gatewayKey: string,
    readonly url: string,
    readonly wallet: CertificateWallet,
    readonly database: TestDatabase,
    private readonly certifierKey: PrivateKey,
    private readonly process: GatewayProcess,
  ) {}

  private caller: RawCaller | undefined;

  static async open(organisation: string, devnetUrl: string, folder: string): Promise<Operator> {
    const database = await createTestDatabase();
    const [gateway, member] = [PrivateKey.fromRandom(), PrivateKey.fromRandom()];
    const policies = join(folder, `${organisation}.cedar`);
    writeFileSync(policies, POLICIES);
    const members = [{ identityKey: member.toPublicKey().toString(), roles: ['submitter', 'approver'] }];
    const process_ = new GatewayProcess(
      {
        PATH: process.env['PATH'],
        PORTCULLIS_PORT: '0',
        PORTCULLIS_METRICS_PORT: '0',
        PORTCULLIS_DATA_DIR: join(folder, organisation),
        PORTCULLIS_DATABASE_URL: database.url,
        PORTCULLIS_DEVNET_URL: devnetUrl,
        PORTCULLIS_IDENTITY_KEY: gateway.toHex(),
        PORTCULLIS_VERIFICATION_WORKERS: '1',
        PORTCULLIS_RELAY_POLL_MS: '100',
        PORTCULLIS_REVOCATION_INTERVAL_MS: '1000',
        PORTCULLIS_REVOCATION_CHECKS_PER_MINUTE: '600',
        PORTCULLIS_ORGANISATIONS: JSON.stringify({ [organisation]: members }),
        PORTCULLIS_POLICIES: policies,
        PORTCULLIS_PRICES: '[]',
      },
      [MAIN, 'start'],
    );
    const url = await process_.waitUntilReady();
    const key = gateway.toPublicKey().toString();
    const wallet = new CertificateWallet(member);
    return new Operator(organisation, key, url, wallet, database, PrivateKey.fromRandom(), process_);
  }

  get certifier(): TestCertifier {
    return new TestCertifier(this.certifierKey);
  }

  /** By its own member. */
  async ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    this.caller ??= await RawCaller.open(this.url, this.wallet);
    return readJson(await send(this.caller, method, path, body));
  }

  /** Its certifier says for whom it certifies, and the organisation tells others of it. */
  async vouch(): Promise<void> {
    const { gatewayKey: gateway, organisation } = this;
    const { signature } = await new ProtoWallet(this.certifierKey).createSignature({
      data: [...writeEndorsement({ gateway, organisation, type: TYPE })],
      protocolID: [...ENDORSEMENT_PROTOCOL],
      keyID: TRUST_KEY_ID,
      counterparty: 'anyone',
    });
    await this.ask('POST', '/v1/trust/changes', {
      ...{ kind: 'add', certifier: this.certifier.identityKey, type: TYPE, fields: ['role'], revocable: true },
      endorsement: Buffer.from(signature).toString('hex'),
    });
  }

  /** Takes the other's bundle, from the gateway that may speak for the other. */
  async trust(other: Operator): Promise<void> {
    const { gatewayKey: gateway, organisation } = other;
    await this.ask('POST', '/v1/trust/changes', { kind: 'pin', gateway, organisation });
    await this.ask('POST', '/v1/trust/bundles', await other.ask('GET', '/v1/trust/bundle'));
  }

  async close(): Promise<void> {
    await this.process.stop();
    await this.database.drop();
  }
}

const send = (caller: RawCaller, method: string, path: string, body?: unknown): Promise<RawAnswer> =>
  caller.send({
    ...{ method, url: path },
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

const readJson = (answer: RawAnswer): Record<string, unknown> => {
  if (answer.status > 299) throw new Error(`${String(answer.status)}: ${answer.body.toString()}`);
  return JSON.parse(answer.body.toString()) as Record<string, unknown>;
};

/** The holder shows to `at` a certificate that `by` issued. */
export const present = async (holder: Operator, at: Operator, outpoint: string, role = 'approver'): Promise<void> => {
  const { wallet, certifier } = holder;
  const held = await certifier.issue(wallet.identityKey, { type: TYPE, fields: { role }, outpoint });
  const caller = await RawCaller.open(at.url, wallet);
  readJson(await send(caller, 'POST', '/v1/certificates', await wallet.show(held, at.gatewayKey, ['role'])));
};

export interface Devnet {
  readonly url: string;
  readonly stop: () => void;
}

/** Started as `portcullis start` starts it: the child sends its URL when it is ready. */
export const openDevnet = async (dataDir: string): Promise<Devnet> => {
  const child = spawn(process.execPath, [MAIN, 'devnet', '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ url: string }];
  return { url: message.url, stop: () => void child.kill() };
};

export const openFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'portcullis-agreement-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey } from '@bsv/sdk';
import { CertificateWallet, DevWallet, TestCertifier, fundWalletFromDevnet, makeCertificateType } from '#testkit';
import { type RawAnswer, RawCaller } from './raw-caller';
import { makeCoin } from './revocation-coin';
import { SubmissionsRig } from './submissions-rig';

const certifier = new TestCertifier(PrivateKey.fromHex('44'.repeat(32)));
const TYPE = makeCertificateType(9);

export type Actor = keyof typeof keys;
const keys = {
  /** Of acme, a submitter. */
  ann: PrivateKey.fromHex('a1'.repeat(32)),
  /** Of acme, without a role. */
  bob: PrivateKey.fromHex('b2'.repeat(32)),
  /** Of acme, an auditor. */
  eve: PrivateKey.fromHex('e3'.repeat(32)),
  /** Of globex, a submitter. */
  gil: PrivateKey.fromHex('c4'.repeat(32)),
  /** Of nobody. */
  sue: PrivateKey.fromHex('d5'.repeat(32)),
};
export const keyOf = (actor: Actor): string => keys[actor].toPublicKey().toString();

const organisations = {
  acme: [
    { identityKey: keyOf('ann'), roles: ['submitter'] },
    keyOf('bob'),
    { identityKey: keyOf('eve'), roles: ['auditor'] },
  ],
  globex: [{ identityKey: keyOf('gil'), roles: ['submitter'] }],
};

/** The whole gateway with policies, and parties with certificates. */
export class PoliciesRig {
  private readonly callers = new Map<string, RawCaller>();

  private constructor(
    readonly gateway: SubmissionsRig,
    private readonly folder: string,
  ) {}

  /** `policies`: file → text. */
  static async open(
    policies: Readonly<Record<string, string>>,
    over: Record<string, unknown> = {},
  ): Promise<PoliciesRig> {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-policies-'));
    for (const [file, text] of Object.entries(policies)) writeFileSync(join(folder, file), text);
    const gateway = await SubmissionsRig.open({
      policies: folder,
      organisations,
      prices: [],
      overlayDiscovery: 'host',
      certificates: [{ name: 'employee', certifier: certifier.identityKey, type: TYPE, fields: ['role'] }],
      ...over,
    });
    return new PoliciesRig(gateway, folder);
  }

  async close(): Promise<void> {
    await this.gateway.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async openCaller(actor: Actor, url = this.gateway.url): Promise<RawCaller> {
    const name = `${actor} ${url}`;
    const caller = this.callers.get(name) ?? (await RawCaller.open(url, new CertificateWallet(keys[actor])));
    this.callers.set(name, caller);
    return caller;
  }

  /** A revocation ends the sessions of its subject. */
  forget(actor: Actor): void {
    this.callers.delete(`${actor} ${this.gateway.url}`);
  }

  async send(actor: Actor, method: string, url: string, body?: unknown): Promise<RawAnswer> {
    const caller = await this.openCaller(actor);
    if (body === undefined) return caller.send({ method, url });
    const headers = { 'content-type': 'application/json' };
    return caller.send({ method, url, headers, body: JSON.stringify(body) });
  }

  /** Status and code of a GET. */
  async get(actor: Actor, url: string): Promise<[number, string | undefined]> {
    const { status, code } = await this.send(actor, 'GET', url);
    return [status, code];
  }

  async explain(actor: Actor, question: unknown): Promise<Record<string, unknown>> {
    const answer = await this.send(actor, 'POST', '/v1/policies/explain', question);
    if (answer.status !== 200) throw new Error(answer.body.toString());
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  }

  /** A wallet with coins on the development network. */
  async openWallet(satoshis = 100_000): Promise<DevWallet> {
    const wallet = new DevWallet();
    await fundWalletFromDevnet(wallet, this.gateway.devnet.url, satoshis);
    await this.gateway.mine();
    return wallet;
  }

  makeCoin(): ReturnType<typeof makeCoin> {
    return makeCoin(this.gateway.devnet);
  }

  /** Issues a certificate and presents it. */
  async present(actor: Actor, role: string, outpoint: string): Promise<void> {
    const caller = await this.openCaller(actor);
    const wallet = new CertificateWallet(keys[actor]);
    const held = await certifier.issue(wallet.identityKey, { type: TYPE, fields: { role }, outpoint });
    wallet.hold(held);
    const shown = await wallet.show(held, caller.gatewayKey, ['role']);
    const answer = await this.send(actor, 'POST', '/v1/certificates', shown);
    if (answer.status !== 201) throw new Error(`It was answered ${String(answer.status)}: ${answer.body.toString()}`);
  }

  /** As if what is known of their revocation had been found out an hour ago. */
  async ageFindings(actor: Actor): Promise<void> {
    const rows = await this.gateway.database.owner.query<unknown[]>(
      `update portcullis.revocation set as_of = as_of - interval '1 hour' where state = 'good' and outpoint in (
         select c.revocation_outpoint from portcullis.certificate c where c.subject = $1) returning 1`,
      [keyOf(actor)],
    );
    if (rows.length === 0) throw new Error('There is no certificate to age.');
  }
}

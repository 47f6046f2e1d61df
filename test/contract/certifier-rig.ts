import { randomBytes } from 'node:crypto';
import { AuthFetch, MasterCertificate, PrivateKey, createNonce } from '@bsv/sdk';
import type { AcquireCertificateResult, WalletInterface } from '@bsv/sdk';
import type { Wallet } from '@bsv/wallet-toolbox-client';
import { fsck } from '#ledger';
import { DevWallet, fundWalletFromDevnet, makeCertificateType } from '#testkit';
import { openStockWallet } from './stock-wallet';
import { SubmissionsRig } from './submissions-rig';
import { WalletOverHttp } from './wallet-over-http';

/** Approved by members, signed at once, and for members alone. */
export const EMPLOYEE = makeCertificateType(21);
export const BADGE = makeCertificateType(22);
export const INTERNAL = makeCertificateType(23);
export const operator = PrivateKey.fromRandom();
export const colleague = PrivateKey.fromRandom();
export const fields = { name: 'Ann Ode', role: 'buyer' };
export const A_TXID = expect.stringMatching(/^[0-9a-f]{64}$/) as string;

export const gatewayKey = randomBytes(32).toString('hex');
export const certifier = PrivateKey.fromHex(gatewayKey).toPublicKey().toString();

export interface Reply {
  readonly status: number;
  readonly code: unknown;
  readonly json: Record<string, unknown>;
}

interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  /** Another replica. */
  readonly at?: string;
}

/** What a wallet sends to the certifier, by hand. */
export const makeRequest = async (
  wallet: DevWallet,
  type = BADGE,
  said: Record<string, string> = fields,
  by = certifier,
) => {
  const made = await MasterCertificate.createCertificateFields(wallet, by, said);
  const clientNonce = await createNonce(wallet, by);
  return { clientNonce, type, fields: made.certificateFields, masterKeyring: made.masterKeyring };
};

/** A gateway that certifies for `acme`, with the operator's wallet behind HTTP. */
export class CertifierRig {
  private readonly wallets: Wallet[] = [];

  private constructor(
    readonly gateway: SubmissionsRig,
    readonly purse: WalletOverHttp,
  ) {}

  static async open(): Promise<CertifierRig> {
    const purse = await WalletOverHttp.open(new DevWallet());
    const askers = ['*'];
    const gateway = await SubmissionsRig.open({
      ...{ identityKey: gatewayKey, overlayWalletUrl: purse.url, prices: [], logLevel: 'silent' },
      organisations: { acme: [operator, colleague].map((key) => key.toPublicKey().toString()) },
      certifier: {
        organisation: 'acme',
        types: [
          { type: EMPLOYEE, fields: ['name', 'role'], askers },
          { type: BADGE, fields: ['name', 'role'], approval: 'automatic', askers, liveMax: 3 },
          { type: INTERNAL, fields: ['name'], askers: ['acme'] },
        ],
      },
      certificates: [EMPLOYEE, BADGE].map((type) => ({ certifier, type, fields: ['role'] })),
    });
    await fundWalletFromDevnet(purse.wallet, gateway.devnet.url, 1_000_000);
    return new CertifierRig(gateway, purse);
  }

  async close(): Promise<void> {
    const broken = (await fsck(this.gateway.database.owner)).filter(({ ok }) => !ok);
    for (const wallet of this.wallets) await wallet.destroy();
    await this.gateway.close();
    await this.purse.close();
    jest.restoreAllMocks();
    expect(broken).toEqual([]);
  }

  async openWallet(): Promise<Wallet> {
    const wallet = await openStockWallet();
    this.wallets.push(wallet);
    return wallet;
  }

  async call(wallet: WalletInterface, path: string, { method, body, at = this.gateway.url }: Ask = {}): Promise<Reply> {
    const response = await new AuthFetch(wallet).fetch(`${at}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as Record<string, unknown>;
    return { status: response.status, code: json['code'], json };
  }

  /** By a member of the operator's organisation unless told. */
  decide(id: unknown, verb: 'approve' | 'refuse' | 'revoke', key = operator): Promise<Reply> {
    return this.call(new DevWallet(key), `/v1/certifications/${String(id)}/${verb}`, { method: 'POST' });
  }

  async list(query = ''): Promise<Record<string, unknown>[]> {
    const { json } = await this.call(new DevWallet(operator), `/v1/certifications${query}`);
    return json['certifications'] as Record<string, unknown>[];
  }

  async findOf(subject: string): Promise<Record<string, unknown>[]> {
    return (await this.list()).filter((one) => one['subject'] === subject);
  }

  sign(wallet: WalletInterface, body: unknown, at?: string): Promise<Reply> {
    return this.call(wallet, '/v1/certifier/signCertificate', { body, ...(at !== undefined && { at }) });
  }

  /** As every application over the stock wallet does it. */
  acquire(wallet: Wallet, type: string): Promise<AcquireCertificateResult> {
    const certifierUrl = `${this.gateway.url}/v1/certifier`;
    return wallet.acquireCertificate({ acquisitionProtocol: 'issuance', type, certifier, certifierUrl, fields });
  }

  /** The next such statement fails as if the process had died before it. */
  async breakOnce(table: string, event: string, work: () => Promise<void>): Promise<void> {
    const { owner } = this.gateway.database;
    await owner.query(
      `create function portcullis.break() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$`,
    );
    await owner.query(`create trigger break before ${event} execute function portcullis.break()`);
    try {
      await work();
    } finally {
      await owner.query(`drop trigger break on portcullis.${table}`);
      await owner.query('drop function portcullis.break()');
    }
  }
}

import { randomBytes } from 'node:crypto';
import { PrivateKey } from '@bsv/sdk';
import { CertificateWallet, TestCertifier, makeCertificateType, type TestDatabase } from '#testkit';
import { fsck } from '#ledger';
import { CertificatesModule } from '../../src/certificates';
import type { SettingsInput } from '../../src/config';
import { GATEWAY_PRIVATE_KEY, type GatewayRig, openGateway } from './gateway-rig';
import { type RawAnswer, type RawCaller, sendAuthMessage } from './raw-caller';

export const certifier = new TestCertifier(PrivateKey.fromHex('44'.repeat(32)));
export const gatewayKey = PrivateKey.fromHex(GATEWAY_PRIVATE_KEY).toPublicKey().toString();
export const TYPE = makeCertificateType(7);
/** Nobody beside the ledger is asked here, so what cannot be revoked is taken too. */
export const rules = [{ certifier: certifier.identityKey, type: TYPE, fields: ['name', 'role'], revocable: false }];
export const fields = { name: 'Ann Ode', role: 'buyer', salary: 'ninety thousand' };

export interface CertificatesOptions {
  readonly settings?: SettingsInput;
  readonly database?: TestDatabase;
  readonly port?: number;
}

export const openCertificates = ({ settings, database, port }: CertificatesOptions = {}): Promise<GatewayRig> =>
  openGateway({
    imports: [CertificatesModule as never],
    settings: { certificates: rules, ...settings },
    ...(database !== undefined && { database }),
    ...(port !== undefined && { port }),
  });

/** A caller with a certificate in its wallet, and the JSON with which it discloses what is asked. */
export const makeHolder = async (over: Partial<Parameters<TestCertifier['issue']>[1]> = {}) => {
  const wallet = new CertificateWallet();
  const held = await certifier.issue(wallet.identityKey, { type: TYPE, fields, ...over });
  wallet.hold(held);
  return { wallet, held, shown: await wallet.show(held, gatewayKey, ['name', 'role']) };
};

export const post = (caller: RawCaller, certificate: unknown): Promise<RawAnswer> =>
  caller.send({
    method: 'POST',
    url: '/v1/certificates',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(certificate),
  });

export const jsonOf = (answer: RawAnswer): Record<string, unknown> =>
  JSON.parse(answer.body.toString('utf8')) as Record<string, unknown>;

export const list = async (caller: RawCaller, query = ''): Promise<Record<string, unknown>[]> =>
  jsonOf(await caller.send({ method: 'GET', url: `/v1/certificates${query}` }))['certificates'] as Record<
    string,
    unknown
  >[];

/** A certificate message on a session of the wallet, signed as the SDK signs it; `over` replaces members after that. */
export const writeExchange = async (
  caller: RawCaller,
  wallet: CertificateWallet,
  content: { readonly certificates: unknown } | { readonly requestedCertificates: unknown },
  over: Record<string, unknown> = {},
): Promise<Record<string, unknown>> => {
  const isResponse = 'certificates' in content;
  const nonce = randomBytes(32).toString('base64');
  const { signature } = await wallet.createSignature({
    data: [...Buffer.from(JSON.stringify(Object.values(content)[0]))],
    protocolID: [2, 'auth message signature'],
    keyID: `${nonce} ${caller.sessionNonce}`,
    counterparty: caller.gatewayKey,
  });
  return {
    ...{ version: '0.1', messageType: isResponse ? 'certificateResponse' : 'certificateRequest' },
    ...{ identityKey: caller.identityKey, nonce, initialNonce: caller.peerNonce, yourNonce: caller.sessionNonce },
    ...{ ...content, signature, ...over },
  };
};

export const exchange = async (
  caller: RawCaller,
  wallet: CertificateWallet,
  certificates: unknown,
): Promise<RawAnswer> => sendAuthMessage(caller.origin, await writeExchange(caller, wallet, { certificates }));

export const listViolations = async (gateway: GatewayRig): Promise<unknown[]> =>
  (await fsck(gateway.pool)).filter(({ ok }) => !ok);

/** Everything that the database holds, as text: what is searched for must be nowhere in it. */
export const dumpRows = async (gateway: GatewayRig): Promise<string> => {
  const tables = await gateway.database.owner.query<{ name: string }[]>(
    `select table_name as name from information_schema.tables where table_schema = 'portcullis'`,
  );
  const texts = await Promise.all(
    tables.map(({ name }) =>
      gateway.database.owner.query<{ text: string | null }[]>(
        `select string_agg(t::text, ' ') as text from portcullis.${name} t`,
      ),
    ),
  );
  return texts.map(([row]) => row?.text ?? '').join('\n');
};

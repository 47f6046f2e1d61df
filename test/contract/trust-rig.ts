import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { ENDORSEMENT_PROTOCOL, TRUST_KEY_ID, writeEndorsement } from '#atomic-core';
import { type CertificateWallet, TestCertifier, makeCertificateType } from '#testkit';
import { CertificatesModule } from '../../src/certificates';
import type { SettingsInput } from '../../src/config';
import { TrustModule } from '../../src/trust';
import { jsonOf } from './certificates-rig';
import { type GatewayRig, openGateway } from './gateway-rig';
import { type RawAnswer, RawCaller } from './raw-caller';

export const TYPE = makeCertificateType(21);
const CERTIFIER_KEY = PrivateKey.fromHex('77'.repeat(32));
/** Acme's own. */
export const certifier = new TestCertifier(CERTIFIER_KEY);

/** A gateway with a database, a key and an organisation of its own. */
export interface Site {
  readonly gateway: GatewayRig;
  readonly key: string;
  readonly members: readonly RawCaller[];
  readonly wallets: readonly CertificateWallet[];
}

export interface SiteOptions {
  /** Hex digit that the gateway's private key is made of. */
  readonly digit: string;
  readonly organisations: Readonly<Record<string, readonly CertificateWallet[]>>;
  readonly settings?: SettingsInput;
}

export const openSite = async ({ digit, organisations, settings }: SiteOptions): Promise<Site> => {
  const identityKey = digit.repeat(64);
  const named = Object.fromEntries(
    Object.entries(organisations).map(([name, wallets]) => [name, wallets.map(({ identityKey: key }) => key)]),
  );
  const gateway = await openGateway({
    imports: [CertificatesModule as never, TrustModule as never],
    settings: { identityKey, organisations: named, ...settings },
  });
  const wallets = Object.values(organisations).flat();
  const members = await Promise.all(wallets.map((wallet) => RawCaller.open(gateway.origin, wallet)));
  return { gateway, key: PrivateKey.fromHex(identityKey).toPublicKey().toString(), members, wallets };
};

export const ask = async (
  caller: RawCaller,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<RawAnswer & { readonly json: Record<string, unknown> }> => {
  const headers = { 'content-type': 'application/json' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await caller.send({
    ...{ method, url: `/v1/trust${path}` },
    ...(body !== undefined && { headers, body: text }),
  });
  return { ...answer, json: jsonOf(answer) };
};

export const endorse = async (gateway: string, organisation: string, key = CERTIFIER_KEY): Promise<string> => {
  const { signature } = await new ProtoWallet(key).createSignature({
    data: [...writeEndorsement({ gateway, organisation, type: TYPE })],
    protocolID: [...ENDORSEMENT_PROTOCOL],
    keyID: TRUST_KEY_ID,
    counterparty: 'anyone',
  });
  return Buffer.from(signature).toString('hex');
};

export const ruleOf = (over: object = {}) => ({
  ...{ kind: 'add', certifier: certifier.identityKey, type: TYPE, fields: ['name'], revocable: false, ...over },
});

/** What a holder of Acme's certificate shows to the gateway with this key. */
export const showCertificate = async (wallet: CertificateWallet, verifier: string): Promise<unknown> => {
  const held = await certifier.issue(wallet.identityKey, { type: TYPE, fields: { name: 'Ann Ode' } });
  wallet.hold(held);
  return wallet.show(held, verifier, ['name']);
};

import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { APPROVAL_PROTOCOL, writeCanonicalJson } from '#atomic-core';
import { CertificateWallet, TestCertifier, fundWalletFromDevnet, makeCertificateType } from '#testkit';
import { jsonHeaders, keep, lockTo, mint, post, type Made } from './baskets-rig';
import { makeRequest } from './certifier-rig';
import { issueInvoice } from './overlay-rig';
import { Browser } from './people/browser';
import type { LyingProvider } from './people/lying-provider';
import { RawCaller } from './raw-caller';
import { makeCoin } from './revocation-coin';
import { Caller, type Answer, type SubmissionsRig } from './submissions-rig';

export const gatewayKey = PrivateKey.fromHex('31'.repeat(32));
export const BADGE = makeCertificateType(22);
export const EMPLOYEE = makeCertificateType(9);
export const HOOKS = '127.0.0.1:9';
export const certifier = new TestCertifier(PrivateKey.fromHex('44'.repeat(32)));

export const ownerKey = PrivateKey.fromHex('a1'.repeat(32));
export const colleagueKey = PrivateKey.fromHex('a2'.repeat(32));

/** What an organisation has that can be named. Of each kind the values that it really has. */
export const KINDS = [
  ...['submission', 'txid', 'outpoint', 'basket', 'tag', 'label', 'customInstructions', 'reservation'],
  ...['proposal', 'approvalSignature', 'offer', 'webhook', 'webhookUrl', 'trustChange', 'trustRule', 'trustPin'],
  ...['certification', 'certificateHash', 'serialNumber', 'revocationOutpoint', 'idempotencyKey', 'paymentPrefix'],
  ...['personSession', 'personName', 'document', 'documentOutpoint', 'offChainValues', 'identityKey', 'organisation'],
] as const;
export type Kind = (typeof KINDS)[number];

export interface Estate {
  readonly owner: Caller;
  readonly owned: Readonly<Record<Kind, readonly string[]>>;
  /** Atomic BEEF in base64: of what is in a basket, and of what is in a topic. */
  readonly beef: string;
  readonly documentBeef: string;
  /** The certificate as its subject shows it. */
  readonly certificate: Readonly<Record<string, unknown>>;
}

const BASKET = 'theirs alone';
const TAG = 'marked by them';
const LABEL = 'labelled by them';
const INSTRUCTIONS = 'instructions of theirs';
const IDEMPOTENCY_KEY = 'a-key-that-they-thought-of';
const OFF_CHAIN = Buffer.from('beside the chain, for their own').toString('base64');

const read = ({ status, text, json }: Answer): Record<string, unknown> => {
  if (status !== 200 && status !== 201) throw new Error(text);
  return json;
};
const idOf = (answer: Answer): string => String(read(answer)['id']);
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

export const trustBody = (secret: string): Record<string, unknown> => ({
  ...{ kind: 'add', certifier: PrivateKey.fromHex(secret.repeat(32)).toPublicKey().toString() },
  ...{ type: makeCertificateType(Number.parseInt(secret, 16)), fields: ['name'] },
});

export const offerBody = (seller: Caller, outpoint: string, basket: string): Record<string, unknown> => ({
  asset: { outpoint, basket },
  price: { satoshis: 5_000, lockingScript: lockTo(seller).toHex(), basket: 'takings' },
  buyerKey: seller.key.toPublicKey().toString(),
  expiresAt: inAnHour(),
});

const base64 = (bytes: Uint8Array | readonly number[]): string => Buffer.from(bytes).toString('base64');

/** Signed as any BRC-100 wallet does it. */
const approve = async (owner: Caller, proposal: Record<string, unknown>): Promise<string> => {
  const [statement] = proposal['statements'] as { proposal: string }[];
  const { signature } = await new ProtoWallet(owner.key).createSignature({
    data: [...Buffer.from(writeCanonicalJson(statement as never), 'utf8')],
    ...{ protocolID: [...APPROVAL_PROTOCOL], keyID: statement!.proposal, counterparty: 'anyone' },
  });
  const signed = Buffer.from(signature).toString('hex');
  read(await post(owner, `/v1/proposals/${statement!.proposal}/approvals`, { signature: signed }));
  return signed;
};

/** In force, which takes the two of them. */
const agree = async (owner: Caller, colleague: Caller, body: unknown): Promise<void> => {
  const id = idOf(await post(owner, '/v1/trust/changes', body));
  read(await colleague.call(`/v1/trust/changes/${id}/approvals`, { method: 'POST' }));
};

const present = async (rig: SubmissionsRig) => {
  const { outpoint } = await makeCoin(rig.devnet);
  await rig.mine();
  const wallet = new CertificateWallet(ownerKey);
  const held = await certifier.issue(wallet.identityKey, { type: EMPLOYEE, fields: { role: 'buyer' }, outpoint });
  const shown = await wallet.show(held, gatewayKey.toPublicKey().toString(), ['role']);
  return { outpoint, certificate: shown, serialNumber: held.serialNumber };
};

/** The token of somebody of theirs who is logged in. */
const logIn = async (rig: SubmissionsRig, provider: LyingProvider): Promise<string> => {
  provider.lie = { claims: { sub: 'their-olu', roles: ['acme-operators'] } };
  const browser = new Browser();
  const began = await browser.send(`${rig.url}/people/login`);
  await browser.send(provider.comeBack(began.headers.location ?? ''));
  return browser.jarOf(rig.url).get('portcullis-session') ?? '';
};

const keepInBaskets = async (owner: Caller): Promise<Made> => {
  const made = await mint(owner, 3);
  await keep(owner, made, 3, BASKET, [TAG]);
  const labelled = await mint(owner, 1);
  const insertionRemittance = { basket: BASKET, customInstructions: INSTRUCTIONS };
  const outputs = [{ outputIndex: 0, protocol: 'basket insertion', insertionRemittance }];
  const description = 'labelled';
  read(await post(owner, '/v1/wallet/internalizeAction', { tx: labelled.tx, description, labels: [LABEL], outputs }));
  return made;
};

const submitDocument = async (owner: Caller) => {
  const document = await issueInvoice(owner.wallet, 'shown');
  const over = { offChainValues: OFF_CHAIN };
  read(await owner.submit(document.beef, over, { 'x-bsv-idempotency-key': IDEMPOTENCY_KEY }));
  return document;
};

const proposeDocument = async (owner: Caller): Promise<Record<string, unknown>> => {
  const { beef } = await issueInvoice(owner.wallet, 'proposed');
  const terms = { topics: ['tm_documents'], parties: ['acme'], deadline: inAnHour() };
  return read(await post(owner, '/v1/proposals', { beef: base64(beef), ...terms }));
};

const askCertifier = async (owner: Caller): Promise<string> => {
  const request = await makeRequest(owner.wallet, BADGE, undefined, gatewayKey.toPublicKey().toString());
  await post(owner, '/v1/certifier/signCertificate', request);
  const { certifications } = read(await owner.call('/v1/certifications')) as { certifications: { id: string }[] };
  return String(certifications[0]?.id);
};

const askPrice = async (rig: SubmissionsRig): Promise<string> => {
  const raw = await RawCaller.open(rig.url, new ProtoWallet(ownerKey));
  const { headers } = await raw.send({ method: 'GET', url: '/v1/identity' });
  return headers.get('x-bsv-payment-derivation-prefix') ?? '';
};

/** Everything that acme has, made by its members as they would make it. */
export const openEstate = async (rig: SubmissionsRig, provider: LyingProvider): Promise<Estate> => {
  const [owner, colleague] = [new Caller(rig.url, ownerKey), new Caller(rig.url, colleagueKey)];
  await fundWalletFromDevnet(owner.wallet, rig.devnet.url, 100_000);
  const { outpoint, certificate, serialNumber } = await present(rig);
  const { certificateHash } = read(await post(owner, '/v1/certificates', certificate));
  const made = await keepInBaskets(owner);
  const document = await submitDocument(owner);
  const proposal = await proposeDocument(owner);
  const approvalSignature = await approve(owner, proposal);
  const hold = { basket: BASKET, quantity: 1, ttlSeconds: 3_000 };
  const webhook = { url: `http://${HOOKS}/theirs` };
  await agree(owner, colleague, trustBody('aa'));
  await agree(owner, colleague, { kind: 'pin', gateway: certifier.identityKey, organisation: 'globex' });
  const { rules, pins } = read(await owner.call('/v1/trust')) as Record<'rules' | 'pins', { id: string }[]>;
  const owned: Record<Kind, readonly string[]> = {
    submission: [idOf(await owner.call(`/v1/submissions/${made.txid}`))],
    ...{ txid: [made.txid], outpoint: [`${made.txid}.0`, `${made.txid}.1`], basket: [BASKET], tag: [TAG] },
    ...{ label: [LABEL], customInstructions: [INSTRUCTIONS], idempotencyKey: [IDEMPOTENCY_KEY] },
    reservation: [idOf(await post(owner, '/v1/baskets/reservations', hold))],
    ...{ proposal: [String(proposal['id'])], approvalSignature: [approvalSignature] },
    offer: [idOf(await post(owner, '/v1/offers', offerBody(owner, `${made.txid}.1`, BASKET)))],
    webhook: [idOf(await post(owner, '/v1/topics/tm_documents/webhooks', webhook))],
    ...{ webhookUrl: [webhook.url], trustChange: [idOf(await post(owner, '/v1/trust/changes', trustBody('ab')))] },
    ...{ trustRule: rules.map(({ id }) => id), trustPin: pins.map(({ id }) => id) },
    ...{ certification: [await askCertifier(owner)], certificateHash: [String(certificateHash)] },
    ...{ serialNumber: [serialNumber], revocationOutpoint: [outpoint], paymentPrefix: [await askPrice(rig)] },
    ...{ personSession: [await logIn(rig, provider)], personName: [`${provider.issuer}#their-olu`] },
    ...{ document: [document.txid], documentOutpoint: [`${document.txid}.0`], offChainValues: [OFF_CHAIN] },
    ...{ identityKey: [ownerKey, colleagueKey].map((key) => key.toPublicKey().toString()), organisation: ['acme'] },
  };
  return { owner, owned, beef: base64(made.tx), documentBeef: base64(document.beef), certificate };
};

/** All that the owner can be shown of it. */
export const lookAt = async ({ owner, owned }: Estate): Promise<unknown[]> => {
  const ids = [
    ...[`submissions/${owned.submission[0]!}`, `baskets/reservations/${owned.reservation[0]!}`],
    ...[`proposals/${owned.proposal[0]!}`, `offers/${owned.offer[0]!}`, `trust/changes/${owned.trustChange[0]!}`],
    ...[`topics/tm_documents/webhooks/${owned.webhook[0]!}`, `baskets/${encodeURIComponent(BASKET)}/outputs`],
    ...['baskets', 'inventory', 'offers', 'proposals', 'trust', 'trust/changes', 'certifications', 'certificates'],
    'topics/tm_documents/webhooks',
  ];
  const seen: unknown[] = [];
  for (const path of ids) seen.push([path, read(await owner.call(`/v1/${path}`))]);
  return seen;
};

export { jsonHeaders };

import { randomBytes } from 'node:crypto';
import { Certificate, MasterCertificate, PrivateKey, ProtoWallet, createNonce, verifyNonce } from '@bsv/sdk';
import type { WalletInterface } from '@bsv/sdk';
import { openGatewayKeys } from '../identity/gateway-keys';
import { decryptRequest, isNonceOf, makeSerialNumber, makeServerNonce, signCertificate } from './issue-certificate';
import { readSigningRequest } from './read-signing-request';
import { printRevocationOutpoint } from './read-certificate';

const keys = openGatewayKeys('11'.repeat(32));
const subjectKey = PrivateKey.fromHex('33'.repeat(32));
const subject = subjectKey.toPublicKey().toString();
const wallet = new ProtoWallet(subjectKey) as unknown as WalletInterface;
const type = Buffer.alloc(32, 7).toString('base64');
const stranger = PrivateKey.fromHex('44'.repeat(32));

const ask = async (
  fields: Record<string, string> = { name: 'Ann Ode é', role: 'buyer' },
): Promise<Record<string, unknown>> => {
  const made = await MasterCertificate.createCertificateFields(wallet, keys.identityKey, fields);
  const clientNonce = await createNonce(wallet, keys.identityKey);
  return { clientNonce, type, fields: made.certificateFields, masterKeyring: made.masterKeyring };
};
const codeOf = (given: unknown): string => {
  const read = readSigningRequest(given);
  if (!read.ok) return read.rejection.code;
  if (!isNonceOf(keys, subject, read.value.clientNonce)) return 'certification-nonce-invalid';
  const values = decryptRequest(keys, subject, read.value);
  return values.ok ? 'read' : values.rejection.code;
};

it('reads what a wallet encrypted for the certifier', async () => {
  const read = readSigningRequest(await ask());
  if (!read.ok) throw new Error(read.rejection.detail);
  const values = decryptRequest(keys, subject, read.value);
  expect(values).toEqual({ ok: true, value: new Map(Object.entries({ name: 'Ann Ode é', role: 'buyer' })) });
});

it('takes a nonce of the subject for this certifier, and the SDK takes ours, whatever the key between them', async () => {
  // One key in 256 begins with a zero, which the SDK drops.
  for (let round = 0; round < 40; round += 1) {
    const nonce = await createNonce(wallet, keys.identityKey);
    expect(isNonceOf(keys, subject, nonce)).toBe(true);
  }
  for (let fill = 0; fill < 300; fill += 1) {
    const random = Buffer.alloc(16, fill % 128);
    random.writeUInt16BE(0x4100 + fill);
    const nonce = makeServerNonce(keys, random, subject);
    if (fill % 10 === 0) await expect(verifyNonce(nonce!, wallet, keys.identityKey)).resolves.toBe(true);
    expect(isNonceOf(keys, subject, nonce!)).toBe(true);
  }
});

it('makes the serial number that the SDK expects', async () => {
  const clientNonce = await createNonce(wallet, keys.identityKey);
  const serverNonce = makeServerNonce(keys, randomBytes(16), subject)!;
  const serialNumber = makeSerialNumber(keys, subject, { clientNonce, serverNonce });
  const asked = {
    hmac: [...Buffer.from(serialNumber, 'base64')],
    data: [...Buffer.from(clientNonce, 'base64'), ...Buffer.from(serverNonce, 'base64')],
    protocolID: [2, 'certificate issuance'] as [2, string],
    keyID: serverNonce + clientNonce,
    counterparty: keys.identityKey,
  };
  await expect(wallet.verifyHmac(asked)).resolves.toEqual({ valid: true });
});

it('signs what the SDK verifies, the same signature each time', async () => {
  const fields = new Map(Object.entries((await ask())['fields'] as Record<string, string>));
  const draft = {
    ...{ type, subject, fields, serialNumber: randomBytes(32).toString('base64') },
    revocationOutpoint: { txid: 'ab'.repeat(32), vout: 3 } as never,
  };
  const signed = signCertificate(keys, draft);
  const { serialNumber, certifier, signature } = signed;
  const sdk = new Certificate(
    ...([type, serialNumber, subject, certifier] as const),
    printRevocationOutpoint(signed),
    Object.fromEntries(fields),
    Buffer.from(signature).toString('hex'),
  );
  await expect(sdk.verify()).resolves.toBe(true);
  expect(signCertificate(keys, draft)).toEqual(signed);
});

it('refuses what is not a request of this subject to this certifier', async () => {
  const given = await ask();
  const other = await ask({ name: 'Eve', role: 'owner' });
  const keyring = given['masterKeyring'] as Record<string, string>;
  const theirs = new ProtoWallet(stranger) as unknown as WalletInterface;
  const stolen = await MasterCertificate.createCertificateFields(theirs, keys.identityKey, { name: 'Eve', role: 'x' });
  const cases: readonly [unknown, string][] = [
    [given, 'read'],
    ['text', 'request-malformed'],
    [{ ...given, subject: stranger.toPublicKey().toString() }, 'request-malformed'],
    [{ ...given, clientNonce: 'AAAA' }, 'request-malformed'],
    [{ ...given, type: 'AAAA' }, 'request-malformed'],
    [{ ...given, clientNonce: randomBytes(48).toString('base64') }, 'certification-nonce-invalid'],
    [{ ...given, clientNonce: await createNonce(theirs, keys.identityKey) }, 'certification-nonce-invalid'],
    [{ ...given, clientNonce: await createNonce(wallet, subject) }, 'certification-nonce-invalid'],
    [{ ...given, masterKeyring: { name: keyring['role'], role: keyring['name'] } }, 'certificate-undecryptable'],
    [{ ...given, masterKeyring: other['masterKeyring'] }, 'certificate-undecryptable'],
    [{ ...given, fields: other['fields'] }, 'certificate-undecryptable'],
    [{ ...given, fields: stolen.certificateFields, masterKeyring: stolen.masterKeyring }, 'certificate-undecryptable'],
    [{ ...given, masterKeyring: { name: keyring['name'] } }, 'certificate-field-missing'],
    [{ ...given, masterKeyring: { ...keyring, more: keyring['name'] } }, 'certificate-malformed'],
    [{ ...given, fields: {}, masterKeyring: keyring }, 'certificate-malformed'],
  ];
  for (const [request, code] of cases) expect(codeOf(request)).toBe(code);
});

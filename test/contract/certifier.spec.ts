import { AuthFetch, PrivateKey } from '@bsv/sdk';
import { randomBytes } from 'node:crypto';
import { DevWallet, makeCertificateType, waitUntil } from '#testkit';
import { buildEgressPolicy, PinnedHttpClient } from '../../src/egress';
import { Secret } from '../../src/config';
import { createCertifierRevocationSource } from '../../src/revocation/sources/certifier';
import {
  A_TXID,
  BADGE,
  CertifierRig,
  EMPLOYEE,
  INTERNAL,
  certifier,
  colleague,
  fields,
  gatewayKey,
  makeRequest,
  operator,
} from './certifier-rig';

/** Another gateway, that relies on certificates of this one. */
const openStatusSource = (url: string) =>
  createCertifierRevocationSource(new PinnedHttpClient(buildEgressPolicy([url])), { url, certifier });

/** The gateway as certifier, asked by a stock BRC-100 wallet and by those who should not be. */
let rig: CertifierRig;

beforeAll(async () => {
  rig = await CertifierRig.open();
}, 120_000);
afterAll(() => rig.close(), 60_000);

it('issues to a stock wallet when a member approves, takes the certificate itself, and refuses it once revoked', async () => {
  const wallet = await rig.openWallet();
  const subject = wallet.identityKey;
  await expect(rig.acquire(wallet, EMPLOYEE)).rejects.toThrow('No certificate received from certifier');
  const [asked] = await rig.list('?state=pending');
  expect(asked).toMatchObject({ state: 'pending', subject, values: fields, revocationOutpoint: null });
  expect(await rig.decide(asked?.['id'], 'approve')).toMatchObject({ status: 200, json: { state: 'approved' } });

  const acquired = await rig.acquire(wallet, EMPLOYEE);
  const { revocationOutpoint } = acquired;
  expect(acquired).toMatchObject({ subject, certifier, type: EMPLOYEE });
  expect(await rig.findOf(subject)).toMatchObject([{ id: asked?.['id'], state: 'issued', revocationOutpoint }]);
  // The network knows the outpoint when the relay has brought it there.
  await rig.gateway.mineUntilProven();

  // Unmodified AuthFetch answers the question of the handshake with `listCertificates` and `proveCertificate` of the wallet.
  const client = new AuthFetch(wallet);
  const readHeld = async (): Promise<unknown[]> => {
    const answer = await client.fetch(`${rig.gateway.url}/v1/certificates?values=true`, { method: 'GET' });
    return ((await answer.json()) as { certificates: unknown[] }).certificates;
  };
  await waitUntil('it is presented', async () => (await readHeld()).length > 0);
  expect(await readHeld()).toMatchObject([{ state: 'held', certifier, values: { role: 'buyer' } }]);

  const source = openStatusSource(rig.gateway.url);
  const [ofTxid = '', place] = revocationOutpoint.split('.');
  const question = { txid: ofTxid, vout: Number(place), certifiers: [certifier] };
  const { signal } = new AbortController();
  await waitUntil('the certifier says that it holds', async () => {
    return (await source.findRevocation(question, signal)).state === 'good';
  });

  const revoked = await rig.decide(asked?.['id'], 'revoke');
  const revokedBy = revoked.json['revokedBy'];
  expect(await source.findRevocation(question, signal)).toEqual({ state: 'revoked', spenderTxid: revokedBy });
  expect(await source.findRevocation({ ...question, vout: 7 }, signal)).toMatchObject({ state: 'unknown' });
  expect([revoked.status, revokedBy]).toEqual([200, A_TXID]);
  const { keyringForVerifier } = await wallet.proveCertificate({
    ...{ certificate: acquired, fieldsToReveal: ['role'], verifier: certifier },
  });
  const shown = { ...acquired, keyring: keyringForVerifier };
  expect(await rig.call(wallet, '/v1/certificates', { body: shown })).toMatchObject({ code: 'certificate-revoked' });
  const { json } = await rig.call(wallet, '/v1/certificates');
  expect(json['certificates']).toMatchObject([{ state: 'revoked', revokedBy }]);
  expect(await rig.findOf(subject)).toMatchObject([{ revokedBy }]);

  // And for everybody who looks at the chain.
  await rig.gateway.mineUntilProven();
  const [txid, vout] = revocationOutpoint.split('.');
  const spend = await fetch(`${rig.gateway.devnet.url}/whatsonchain/tx/${txid}/${vout}/spent`);
  expect(await spend.json()).toMatchObject({ txid: revokedBy });
}, 120_000);

it('signs at once where the operator wants that, and the same request gets the same certificate', async () => {
  const wallet = new DevWallet();
  const request = await makeRequest(wallet);
  const made = rig.purse.count('createAction');
  const first = await rig.sign(wallet, request);
  expect(first.status).toBe(200);
  expect(await rig.sign(wallet, request)).toEqual(first);
  expect([(await rig.findOf(wallet.identityKey)).length, rig.purse.count('createAction')]).toEqual([1, made + 1]);
  const other = await makeRequest(wallet, BADGE, { ...fields, role: 'owner' });
  const swapped = { ...other, clientNonce: request.clientNonce };
  expect(await rig.sign(wallet, swapped)).toMatchObject({ status: 409, code: 'certification-conflict' });
}, 60_000);

it('lets members of its organisation decide, once, and nobody else', async () => {
  const wallet = new DevWallet();
  const ask = async () => rig.sign(wallet, await makeRequest(wallet, EMPLOYEE));
  expect(await ask()).toMatchObject({ status: 409, code: 'certification-pending' });
  const [one] = await rig.findOf(wallet.identityKey);
  const id = one?.['id'];
  for (const verb of ['approve', 'refuse', 'revoke'] as const) {
    const stranger = await rig.decide(id, verb, PrivateKey.fromRandom());
    expect(stranger).toMatchObject({ status: 403, code: 'certifier-only' });
  }
  expect(await rig.call(wallet, '/v1/certifications')).toMatchObject({ status: 403, code: 'certifier-only' });
  expect(await rig.decide('none', 'approve')).toMatchObject({ status: 404, code: 'certification-unknown' });
  expect(await rig.decide(id, 'refuse')).toMatchObject({ status: 200 });
  expect(await ask()).toMatchObject({ status: 403, code: 'certification-refused' });
  const replies = await Promise.all([operator, colleague].map((key) => rig.decide(id, 'approve', key)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect(replies.filter(({ json }) => json['auditLeaf'] !== null)).toHaveLength(1);
  expect((await ask()).status).toBe(200);
  expect(await rig.decide(id, 'refuse')).toMatchObject({ status: 409, code: 'certification-conflict' });
}, 60_000);

it('refuses what the subject cannot ask for', async () => {
  const wallet = new DevWallet();
  const request = await makeRequest(wallet);
  const { name, role } = request.masterKeyring;
  const cases: readonly [unknown, string][] = [
    [{ ...request, subject: operator.toPublicKey().toString() }, 'request-malformed'],
    [{ ...request, clientNonce: randomBytes(48).toString('base64') }, 'certification-nonce-invalid'],
    [{ ...request, masterKeyring: { name: role, role: name } }, 'certificate-undecryptable'],
    [{ ...(await makeRequest(new DevWallet())), clientNonce: request.clientNonce }, 'certificate-undecryptable'],
    [await makeRequest(new DevWallet()), 'certification-nonce-invalid'],
    [await makeRequest(wallet, BADGE, { name: 'Ann' }), 'certificate-field-missing'],
    [await makeRequest(wallet, BADGE, { ...fields, salary: '1' }), 'certificate-malformed'],
    [await makeRequest(wallet, BADGE, { ...fields, role: 'buyer\u202Ereyub' }), 'certificate-malformed'],
    [await makeRequest(wallet, INTERNAL, { name: 'Ann' }), 'certification-not-offered'],
    [await makeRequest(wallet, makeCertificateType(24)), 'certification-not-offered'],
  ];
  for (const [body, code] of cases) expect(await rig.sign(wallet, body)).toMatchObject({ code });
  expect(await rig.findOf(wallet.identityKey)).toEqual([]);
}, 60_000);

it('keeps no more of one identity than it may have, and nothing of it readable', async () => {
  const wallet = new DevWallet();
  const codes: unknown[] = [];
  for (let round = 0; round < 5; round += 1) {
    const request = await makeRequest(wallet, BADGE, { name: `Secretname ${round}`, role: 'x' });
    codes.push((await rig.sign(wallet, request)).code);
  }
  expect(codes).toEqual([undefined, undefined, undefined, 'certification-exhausted', 'certification-exhausted']);
  const rows = await rig.gateway.database.owner.query<{ text: string }[]>(
    'select c::text as text from portcullis.certification c',
  );
  const printed = rows.map(({ text }) => text).join();
  for (const sought of ['Secretname', Buffer.from('Secretname').toString('hex')]) expect(printed).not.toContain(sought);
  // What is erased cannot be shown to a member any more; what was signed stays signed.
  await rig.call(wallet, '/v1/certificates', { method: 'DELETE' });
  const erased = { state: 'issued', values: null };
  expect(await rig.findOf(wallet.identityKey)).toMatchObject([erased, erased, erased]);
}, 90_000);

describe('over a change of keys', () => {
  const HOUR_MS = 3_600_000;
  const at = (fromNowMs: number): string => new Date(Date.now() + fromNowMs).toISOString();
  const nextKey = randomBytes(32).toString('hex');
  const next = PrivateKey.fromHex(nextKey).toPublicKey().toString();
  const openOver = (oldUntilMs: number) =>
    rig.gateway.openReplica({
      // What was issued just now is asked about at once.
      revocationIntervalMs: 1_000,
      identityKey: new Secret(
        JSON.stringify([
          { key: gatewayKey, until: at(oldUntilMs) },
          { key: nextKey, from: at(-2 * HOUR_MS) },
        ]),
      ),
    });

  it('says what holds under the key that signed the certificate while that counts, and then under the one that follows', async () => {
    const wallet = new DevWallet();
    const { json } = await rig.sign(wallet, await makeRequest(wallet));
    const { revocationOutpoint } = json['certificate'] as { revocationOutpoint: string };
    await rig.gateway.mineUntilProven();
    const [txid = '', vout] = revocationOutpoint.split('.');
    const { signal } = new AbortController();
    const { app, url } = await openOver(HOUR_MS);
    try {
      const identity = await rig.call(wallet, '/v1/identity', { at: url });
      expect(identity.json).toMatchObject({ gatewayIdentityKey: next });
      const source = openStatusSource(url);
      await waitUntil('it is said of the old certificate that it holds', async () => {
        return (
          (await source.findRevocation({ txid, vout: Number(vout), certifiers: [certifier] }, signal)).state === 'good'
        );
      });
      // What is certified now is of the new key, and known by it.
      const later = await makeRequest(wallet, BADGE, { ...fields, role: 'later' }, next);
      const issued = (await rig.sign(wallet, later, url)).json['certificate'] as Record<string, string>;
      expect(issued).toMatchObject({ certifier: next });
      await rig.gateway.mineUntilProven();
      await waitUntil('the new key says so of the new one', async () => {
        const status = await fetch(`${url}/certificate-status/${issued['revocationOutpoint'] ?? ''}`);
        const said = (await status.json()) as { status?: { certifier: string; state: string } };
        return said.status?.certifier === next && said.status.state === 'good';
      });
    } finally {
      await app.close();
    }
    // Once the old key has ended its successor speaks for it, and whoever pinned the old one can follow.
    const ended = await openOver(-HOUR_MS);
    try {
      const found = await openStatusSource(ended.url).findRevocation(
        { txid, vout: Number(vout), certifiers: [certifier] },
        signal,
      );
      expect(found).toMatchObject({ state: 'good' });
      const status = await fetch(`${ended.url}/certificate-status/${revocationOutpoint}`);
      expect(await status.json()).toMatchObject({
        status: { certifier: next },
        successions: [{ succession: { certifier, successor: next } }],
      });
    } finally {
      await ended.app.close();
    }
  }, 60_000);
});

it('is not there where it is off', async () => {
  const { app, url } = await rig.gateway.openReplica({ certifier: undefined });
  try {
    const wallet = new DevWallet();
    const unknown = await rig.call(wallet, '/v1/none', { method: 'POST', at: url });
    const off = await rig.sign(wallet, await makeRequest(wallet), url);
    expect([off.status, off.code]).toEqual([unknown.status, unknown.code]);
    expect(off).toMatchObject({ status: 404, code: 'route-not-found' });
    const described = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(described.paths).filter((path) => /certifi(?:er|cations)/u.test(path))).toEqual([]);
  } finally {
    await app.close();
  }
}, 60_000);

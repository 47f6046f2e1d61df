import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthFetch, type MasterCertificate, PrivateKey, VerifiableCertificate, type WalletCertificate } from '@bsv/sdk';
import { makeOutpoint, type Txid } from '#atomic-core';
import { recordRevocation } from '#ledger';
import { createTestDatabase, DevWallet, makeCertificateType, type TestDatabase, TestCertifier } from '#testkit';
import { createProgram } from '../../src/cli/program';
import { certifier, dumpRows, gatewayKey, jsonOf, listViolations, openCertificates } from './certificates-rig';
import { GATEWAY_PRIVATE_KEY, type GatewayRig } from './gateway-rig';
import { sendAuthMessage, writeInitialRequest } from './raw-caller';

// The command line loads its parts late, by the names that the build gives them; here they are the sources.
jest.mock<object>(
  '../../src/cli/run-certificates-check.js',
  () => jest.requireActual('../../src/cli/run-certificates-check'),
  { virtual: true },
);

/** What others certify of the gateway, shown to unmodified clients of the SDK: they verify it, or throw. */
const COMPANY = makeCertificateType(41);
const LICENCE = makeCertificateType(42);
const WIDE = makeCertificateType(44);
const wide = Object.fromEntries(Array.from({ length: 40 }, (_, place) => [`fact${String(place)}`, 'true']));
const NEXT_PRIVATE_KEY = '22'.repeat(32);
const nextKey = PrivateKey.fromHex(NEXT_PRIVATE_KEY).toPublicKey().toString();
const other = new TestCertifier();
const partner = new DevWallet();
const member = new DevWallet();
const LICENCE_TXID = 'cd'.repeat(32) as Txid;
const company = { name: 'Acme Gateways', registry: 'DE 4711', turnover: 'forty millions' };

const asked = {
  certifiers: [certifier.identityKey, other.identityKey],
  types: { [COMPANY]: ['name', 'registry', 'turnover', 'nothing'], [LICENCE]: ['number'] },
};

let folder: string;
let database: TestDatabase;
let gateway: GatewayRig;

const write = (held: MasterCertificate): Record<string, unknown> => {
  const { type, serialNumber, subject, certifier: signer, revocationOutpoint, fields, signature, masterKeyring } = held;
  return { type, serialNumber, subject, certifier: signer, revocationOutpoint, fields, signature, masterKeyring };
};

const writeFile = async (): Promise<string> => {
  const reveal = [
    { to: ['*'], fields: ['name'] },
    { to: [partner.identityKey, 'friends'], fields: ['registry'] },
  ];
  const [old, next] = await Promise.all(
    [gatewayKey, nextKey].map((subject) => certifier.issue(subject, { type: COMPANY, fields: company })),
  );
  const licence = await other.issue(gatewayKey, {
    ...{ type: LICENCE, fields: { number: '17' }, outpoint: `${LICENCE_TXID}.3` },
  });
  const path = join(folder, 'certificates.json');
  const entries = [
    ...[old, next].map((one) => ({ certificate: write(one as MasterCertificate), reveal })),
    { certificate: write(licence), reveal: [{ to: ['friends'], fields: ['number'] }] },
    {
      certificate: write(await other.issue(gatewayKey, { type: WIDE, fields: wide })),
      reveal: [{ to: [partner.identityKey], fields: Object.keys(wide) }],
    },
  ];
  writeFileSync(path, JSON.stringify(entries));
  return path;
};

const HOUR_MS = 3_600_000;
const start = async (gatewayCertificates: string, fromMs: number): Promise<void> => {
  const identityKey = JSON.stringify([
    { key: GATEWAY_PRIVATE_KEY, until: new Date(fromMs + HOUR_MS).toISOString() },
    { key: NEXT_PRIVATE_KEY, from: new Date(fromMs).toISOString() },
  ]);
  const organisations = { friends: [member.identityKey] };
  gateway = await openCertificates({ database, settings: { gatewayCertificates, identityKey, organisations } });
};

let path: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-own-certificates-'));
  database = await createTestDatabase();
  path = await writeFile();
  await start(path, Date.now() + HOUR_MS);
}, 90_000);
afterAll(async () => {
  const broken = await listViolations(gateway);
  await gateway.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
  expect(broken).toEqual([]);
});

const ask = (wallet: DevWallet, wanted: typeof asked = asked): Promise<VerifiableCertificate[]> =>
  new AuthFetch(wallet).sendCertificateRequest(gateway.origin, wanted);
/** What this wallet can read of them, by type. */
const open = async (wallet: DevWallet, certificates: readonly VerifiableCertificate[]) => {
  const opened = certificates.map(async (shown): Promise<[string, Record<string, string>]> => {
    // As it came: the SDK hands on what it parsed, without its class.
    const certificate = VerifiableCertificate.fromCertificate(shown as WalletCertificate, shown.keyring);
    return [shown.type, await certificate.decryptFields(wallet)];
  });
  return Object.fromEntries(await Promise.all(opened));
};
const see = async (wallet: DevWallet, wanted?: typeof asked) => open(wallet, await ask(wallet, wanted));

describe('a certificateRequest', () => {
  it('of a stranger is answered with what everybody may see, and no more', async () => {
    const stranger = new DevWallet();
    const certificates = await ask(stranger);
    expect(await open(stranger, certificates)).toEqual({ [COMPANY]: { name: company.name } });
    expect(certificates.map(({ subject, certifier: signer }) => [subject, signer])).toEqual([
      [gatewayKey, certifier.identityKey],
    ]);
  });

  it('of one whom the operator named by key or organisation is answered with more, and never with what nobody may see', async () => {
    const registered = { name: company.name, registry: company.registry };
    expect(await see(partner)).toEqual({ [COMPANY]: registered });
    expect(await see(member)).toEqual({ [COMPANY]: registered, [LICENCE]: { number: '17' } });
  });

  it('is answered with what was asked for, and no more', async () => {
    const { certifiers, types } = asked;
    const name = { [COMPANY]: ['name'] };
    expect(await see(member, { certifiers, types: name })).toEqual({ [COMPANY]: { name: company.name } });
    expect(await see(member, { certifiers: [other.identityKey], types })).toEqual({ [LICENCE]: { number: '17' } });
    for (const none of [
      { certifiers: [new TestCertifier().identityKey], types },
      { certifiers: [], types },
      { certifiers, types: {} as typeof types },
      { certifiers, types: { [COMPANY]: [], [makeCertificateType(43)]: ['name'] } },
    ])
      expect(await see(member, none)).toEqual({});
  });

  it('is answered for whoever asked: nobody else can read it', async () => {
    const certificates = await ask(partner);
    await expect(open(new DevWallet(), certificates)).rejects.toThrow('Failed to decrypt');
    await expect(open(member, certificates)).rejects.toThrow('Failed to decrypt');
    // Another's keys, beside one's own: still only what they were given.
    const [mine] = await ask(member);
    const [theirs] = certificates;
    expect(mine?.keyring['registry']).not.toBe(theirs?.keyring['registry']);
    expect(JSON.stringify(certificates)).not.toContain(company.turnover);
  });
});

describe('a handshake', () => {
  it('of AuthFetch with requestedCertificates gets them at once, and is of no use without', async () => {
    const client = new AuthFetch(partner, asked);
    const response = await client.fetch(`${gateway.origin}/v1/identity`, { method: 'GET' });
    expect(response.status).toBe(200);
    expect(await open(partner, client.consumeReceivedCertificates())).toEqual({
      [COMPANY]: { name: company.name, registry: company.registry },
    });
    // The SDK itself goes no further with a peer that shows nothing of what it asked for.
    const { types } = asked;
    const unserved = new AuthFetch(partner, { certifiers: [new TestCertifier().identityKey], types });
    await expect(unserved.fetch(`${gateway.origin}/v1/identity`, { method: 'GET' })).rejects.toThrow('certificate');
  });

  it('that names another reveals nothing to whoever sent it', async () => {
    const message = writeInitialRequest(partner.identityKey) as Record<string, unknown>;
    const answer = jsonOf(await sendAuthMessage(gateway.origin, { ...message, requestedCertificates: asked }));
    const certificates = answer['certificates'] as VerifiableCertificate[];
    expect(certificates).toHaveLength(1);
    await expect(open(new DevWallet(), certificates)).rejects.toThrow('Failed to decrypt');
    const plain = jsonOf(await sendAuthMessage(gateway.origin, writeInitialRequest(member.identityKey)));
    expect(plain).not.toHaveProperty('certificates');
  });
});

describe('a handshake that asks for much', () => {
  const everything = { ...asked, types: { ...asked.types, [WIDE]: Object.keys(wide) } };
  const countKeys = (certificates: readonly VerifiableCertificate[]): number[] =>
    certificates.map(({ keyring }) => Object.keys(keyring).length).sort((one, next) => one - next);

  it('by whomever, is answered with four fields and with something of each certificate', async () => {
    const message = writeInitialRequest(partner.identityKey) as Record<string, unknown>;
    const answer = jsonOf(await sendAuthMessage(gateway.origin, { ...message, requestedCertificates: everything }));
    const certificates = answer['certificates'] as VerifiableCertificate[];
    expect(certificates.map(({ type }) => type).sort()).toEqual([COMPANY, WIDE].sort());
    expect(countKeys(certificates)).toEqual([2, 2]);
    expect(await open(partner, certificates)).toMatchObject({ [WIDE]: { fact0: 'true', fact1: 'true' } });
  });

  it('gets the rest in the session, where the question is signed', async () => {
    const client = new AuthFetch(partner, everything);
    expect((await client.fetch(`${gateway.origin}/v1/identity`, { method: 'GET' })).status).toBe(200);
    expect(countKeys(client.consumeReceivedCertificates())).toEqual([2, 2]);
    expect(countKeys(await client.sendCertificateRequest(gateway.origin, everything))).toEqual([2, 40]);
  });
});

it('keeps nothing readable of them in the database', async () => {
  expect(await dumpRows(gateway)).not.toContain(company.registry);
});

it('shows none that is revoked, from the moment that this is known', async () => {
  const outpoint = makeOutpoint(LICENCE_TXID, 3);
  expect(Object.keys(await see(member))).toEqual([COMPANY, LICENCE]);
  const told = { outpoint, lookedAt: new Date(), source: 'a source', spenderTxid: 'ef'.repeat(32) as Txid };
  expect(await recordRevocation(gateway.pool, { ...told, state: 'revoked' })).toBe(true);
  expect(Object.keys(await see(member))).toEqual([COMPANY]);
});

it('shows over a change of keys what is of the key of the session', async () => {
  const early = new AuthFetch(partner);
  const subjects = async (client: AuthFetch): Promise<string[]> =>
    (await client.sendCertificateRequest(gateway.origin, asked)).map(({ subject }) => subject);
  expect(await subjects(early)).toEqual([gatewayKey]);
  const clock = jest.spyOn(Date, 'now');
  try {
    const startMs = Date.now() + HOUR_MS;
    clock.mockImplementation(() => startMs);
    expect(await subjects(early)).toEqual([gatewayKey]);
    expect(await subjects(new AuthFetch(partner))).toEqual([nextKey]);
  } finally {
    clock.mockRestore();
  }
});

it('says on the command line what would be shown to whom', async () => {
  const settings = { PORTCULLIS_IDENTITY_KEY: GATEWAY_PRIVATE_KEY, PORTCULLIS_DATA_DIR: folder };
  const check = async (file: string): Promise<string> => {
    let stdout = '';
    const print = jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((stdout += String(text))));
    Object.assign(process.env, settings);
    try {
      await createProgram().parseAsync(['node', 'portcullis', 'certificates', 'check', file]);
    } finally {
      print.mockRestore();
      for (const name of Object.keys(settings)) Reflect.deleteProperty(process.env, name);
    }
    return stdout;
  };
  const entries = JSON.parse(readFileSync(path, 'utf8')) as unknown[];
  const file = join(folder, 'checked.json');
  writeFileSync(file, JSON.stringify([entries[0]]));
  expect(await check(file)).toBe(
    `${COMPANY} by ${certifier.identityKey} about ${gatewayKey}\n  name: to *\n  registry: to ${partner.identityKey}, friends\n`,
  );
  writeFileSync(file, JSON.stringify([entries[1]]));
  await expect(check(file)).rejects.toThrow('which is no key of this gateway');
});

it('does not start with a certificate that a verifier would refuse', async () => {
  const issued = write(await certifier.issue(gatewayKey, { type: COMPANY, fields: company }));
  const changed = { ...issued, revocationOutpoint: `${LICENCE_TXID}.0` };
  const gatewayCertificates = join(folder, 'wrong.json');
  writeFileSync(
    gatewayCertificates,
    JSON.stringify([{ certificate: changed, reveal: [{ to: ['*'], fields: ['name'] }] }]),
  );
  await expect(openCertificates({ database, settings: { gatewayCertificates } })).rejects.toThrow(
    'not signed by the certifier that it names',
  );
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outpoint } from '#atomic-core';
import { commitTransition } from '#ledger';
import { buildPlainTransaction, planPlainCommit } from '#testkit';
import { type Devnet, startDevnet } from '../../src/devnet';
import { jsonOf, list, listViolations, makeHolder, openCertificates, post, rules } from './certificates-rig';
import type { GatewayRig } from './gateway-rig';
import { RawCaller, echoRequest } from './raw-caller';
import { makeCoin } from './revocation-coin';

/** E2: nothing in the SDK looks at the revocation outpoint. Here our ledger and the development network are asked. */
let directory: string;
let devnet: Devnet;
let gateway: GatewayRig;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'portcullis-revocation-'));
  devnet = await startDevnet({ port: 0, dataDir: directory });
  gateway = await openCertificates({
    settings: { devnetUrl: devnet.url, certificates: [{ ...rules[0]!, revocable: true }] },
  });
}, 90_000);
afterAll(async () => {
  const broken = await listViolations(gateway);
  await gateway.stop();
  await devnet.close();
  rmSync(directory, { recursive: true, force: true });
  expect(broken).toEqual([]);
});

/** As the ledger keys it: 36 bytes in wire order. */
const wireOf = (outpoint: string): Outpoint => {
  const [txid = '', vout] = outpoint.split('.');
  const number = Buffer.alloc(4);
  number.writeUInt32LE(Number(vout));
  return Buffer.concat([Buffer.from(txid, 'hex').reverse(), number]) as unknown as Outpoint;
};

it('takes a certificate whose outpoint is known and unspent, and says who said so', async () => {
  const { outpoint } = await makeCoin(devnet);
  const { wallet, shown } = await makeHolder({ outpoint });
  const caller = await RawCaller.open(gateway.origin, wallet);
  expect(await post(caller, shown)).toMatchObject({ status: 201 });
  const source = `whatsonchain ${new URL(devnet.url).host}/whatsonchain`;
  expect(await list(caller)).toMatchObject([
    { state: 'held', revocationOutpoint: outpoint, revocation: { state: 'good', source } },
  ]);
});

it('does not take one whose outpoint is spent, however well it is signed', async () => {
  const { outpoint, spend } = await makeCoin(devnet);
  const { wallet, shown } = await makeHolder({ outpoint });
  const spender = await spend();
  const caller = await RawCaller.open(gateway.origin, wallet);
  const answer = await post(caller, shown);
  expect(answer).toMatchObject({ status: 403, code: 'certificate-revoked' });
  expect(jsonOf(answer)['detail']).toContain(spender);
  expect(await list(caller)).toEqual([]);
});

it('does not take one whose outpoint nobody knows: 404 is no proof that it is unspent', async () => {
  const { wallet, shown } = await makeHolder({ outpoint: `${'cd'.repeat(32)}.0` });
  const caller = await RawCaller.open(gateway.origin, wallet);
  expect(await post(caller, shown)).toMatchObject({ status: 503, code: 'revocation-unknown' });
});

describe('where our ledger knows a spender', () => {
  it('that the network has not seen yet, it is revoked: what we verified is no mere word', async () => {
    const { outpoint } = await makeCoin(devnet);
    const { wallet, shown } = await makeHolder({ outpoint });
    const subject = buildPlainTransaction([wireOf(outpoint)]);
    expect(await commitTransition(gateway.pool, planPlainCommit({ subject }))).toMatchObject({ ok: true });
    const caller = await RawCaller.open(gateway.origin, wallet);
    expect(await post(caller, shown)).toMatchObject({ status: 403, code: 'certificate-revoked' });
  });

  it('of one that was taken before, its sessions are over and it is shown as revoked, at once', async () => {
    const { outpoint } = await makeCoin(devnet);
    const { wallet, shown } = await makeHolder({ outpoint });
    const caller = await RawCaller.open(gateway.origin, wallet);
    await post(caller, shown);
    const subject = buildPlainTransaction([wireOf(outpoint)]);
    expect(await commitTransition(gateway.pool, planPlainCommit({ subject }))).toMatchObject({ ok: true });
    expect(await caller.send(echoRequest)).toMatchObject({ status: 401, code: 'auth-session-unknown' });
    const again = await RawCaller.open(gateway.origin, wallet);
    expect(await list(again)).toMatchObject([{ state: 'revoked', revokedBy: subject.txid }]);
  });
});

it('takes nothing that can be revoked while its source is down', async () => {
  const { outpoint } = await makeCoin(devnet);
  const deaf = await openCertificates({
    database: gateway.database,
    settings: {
      certificates: [...rules],
      revocationSources: [{ kind: 'whatsonchain', url: 'http://127.0.0.1:9/v1/bsv/test' }],
    },
  });
  try {
    const { wallet, shown } = await makeHolder({ outpoint });
    const caller = await RawCaller.open(deaf.origin, wallet);
    expect(await post(caller, shown)).toMatchObject({ status: 503, code: 'revocation-unknown' });
  } finally {
    await deaf.stop();
  }
});

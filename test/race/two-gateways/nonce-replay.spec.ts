import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, CertificateWallet, type TestDatabase } from '#testkit';
import type { Child } from '../../bench/ledger/child';
import { writeExchange } from '../../contract/certificates-rig';
import { openQuickWallet } from '../../contract/quick-wallet';
import { RawCaller, type RawAnswer, sendAuthMessage, sendHttp } from '../../contract/raw-caller';
import { playAll, startGateway } from './gateways-rig';

/** Merge size; `npm run test:race:full` asks for 10,000. */
const ROUNDS = Number(process.env['RACE_HTTP_ROUNDS'] ?? 200);
/** Rounds at once: each race also runs beside others, as it would in life. */
const LANES = 4;
/** Messages of authentication have a rate of their own, which is not what is raced. */
const MESSAGE_ROUNDS = 25;

jest.setTimeout(120_000 + ROUNDS * 200);

let database: TestDatabase;
let gateways: readonly [Child, Child];
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-race-'));
  database = await createTestDatabase();
  gateways = [await startGateway(database.url, join(folder, '0')), await startGateway(database.url, join(folder, '1'))];
}, 120_000);
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const countNonces = async ({ sessionNonce }: RawCaller): Promise<number> => {
  const [row] = await database.owner.query<{ n: number }[]>(
    'select count(*)::int as n from portcullis.auth_nonce where session_nonce = $1',
    [sessionNonce],
  );
  return row?.n ?? 0;
};

/** Which of two copies is accepted: of one, the other is told that it came before. */
const expectOne = (answers: readonly RawAnswer[]): void => {
  const told = answers.map(({ status, code }) => code ?? status).sort();
  expect(told).toEqual([200, ...Array<string>(answers.length - 1).fill('auth-replayed')]);
};

describe('one signed request, at two gateway processes at once', () => {
  it('is accepted by exactly one', async () => {
    const caller = await RawCaller.open(gateways[0].origin, openQuickWallet());
    const wonBy = [0, 0];
    await playAll(ROUNDS, LANES, async () => {
      const signed = await caller.sign({ method: 'GET', url: '/v1/identity' });
      const answers = await Promise.all(gateways.map(({ origin }) => sendHttp(origin, signed)));
      expectOne(answers);
      wonBy[answers.findIndex(({ status }) => status === 200)]! += 1;
    });
    expect(await countNonces(caller)).toBe(ROUNDS);
    // Both were in the race: one that always lost would prove nothing about the other.
    expect(Math.min(...wonBy)).toBeGreaterThan(0);
  });

  it('is accepted by exactly one also as the first of its session, and of several copies at each', async () => {
    await playAll(MESSAGE_ROUNDS, LANES, async (round) => {
      const caller = await RawCaller.open(gateways[round % 2 === 0 ? 0 : 1].origin, openQuickWallet());
      const signed = await caller.sign({ method: 'GET', url: '/v1/identity' });
      const copies = [...gateways, ...gateways, ...gateways];
      expectOne(await Promise.all(copies.map(({ origin }) => sendHttp(origin, signed))));
      expect(await countNonces(caller)).toBe(1);
    });
  });
});

it('one signed certificateRequest, at two gateway processes at once, is answered by exactly one', async () => {
  const wallet = new CertificateWallet();
  const caller = await RawCaller.open(gateways[0].origin, wallet);
  const nothing = { requestedCertificates: { certifiers: [], types: {} } };
  for (let round = 0; round < MESSAGE_ROUNDS; round += 1) {
    const message = await writeExchange(caller, wallet, nothing);
    expectOne(await Promise.all(gateways.map(({ origin }) => sendAuthMessage(origin, message))));
  }
  expect(await countNonces(caller)).toBe(MESSAGE_ROUNDS);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as openRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '#testkit';
import { createApplication } from '../../src/application';
import { parseSettings, resolveConfig } from '../../src/config';
import { openQuickWallet } from './quick-wallet';
import { RawCaller, type RawRequest } from './raw-caller';

jest.setTimeout(120_000);

const IDENTITY_PER_SECOND = 20;
const ADDRESS_PER_SECOND = 100;
/** Each replica lets the whole budget and what may come at once pass at first (decision 52). */
const SETTLES_MS = 4_000;
const MEASURED_SECONDS = 4;
/** Of one budget. Two replicas that told each other nothing would let twice as much pass. */
const PART_MAX = 1.3;
const PART_MIN = 0.5;
/** A machine that is busy with something else is late for the telling now and then, a gateway that tells nothing is always: the best round counts. */
const ROUNDS_MAX = 3;

interface Replica {
  readonly origin: string;
  close(): Promise<void>;
}

let database: TestDatabase;
let replicas: readonly [Replica, Replica];
const folder = mkdtempSync(join(tmpdir(), 'portcullis-rates-'));
const agent = new Agent({ keepAlive: true });

const openReplica = async (name: string): Promise<Replica> => {
  const settings = parseSettings({
    ...{ dataDir: join(folder, name), databaseUrl: database.url, role: 'api', identityKey: '11'.repeat(32) },
    ...{ arcUrl: 'http://127.0.0.1:9/arc', metricsPort: 0, logLevel: 'silent', prices: [] },
    ...{ identityRequestsPerSecond: IDENTITY_PER_SECOND, addressRequestsPerSecond: ADDRESS_PER_SECOND },
  });
  const app = await createApplication(resolveConfig(settings));
  await app.listen(0, '127.0.0.1');
  const origin = `http://127.0.0.1:${String((app.getHttpServer().address() as AddressInfo).port)}`;
  return { origin, close: () => app.close() };
};

beforeAll(async () => {
  database = await createTestDatabase();
  replicas = [await openReplica('0'), await openReplica('1')];
}, 120_000);
afterAll(async () => {
  agent.destroy();
  for (const replica of replicas) await replica.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const send = (origin: string, { method, url, headers = {} }: RawRequest, localAddress: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { method, agent, localAddress, headers: { ...headers } };
    const asked = openRequest(`${origin}${url}`, options, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.once('error', reject).end();
  });

interface Told {
  readonly answers: Readonly<Record<string, number>>;
  /** From the first request that is counted to the last answer: a busy machine answers later, and gives for that time too. */
  readonly seconds: number;
}

/** Asks at a steady pace, and counts by status what was answered to what was sent in the time that is measured. */
const press = async (perSecond: number, ask: () => Promise<number>): Promise<Told> => {
  const startedAt = performance.now();
  const answers: Record<string, number> = {};
  const open: Promise<void>[] = [];
  let sent = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > SETTLES_MS + MEASURED_SECONDS * 1_000) break;
    for (; sent < (elapsedMs / 1_000) * perSecond; sent += 1) {
      const isMeasured = elapsedMs > SETTLES_MS;
      open.push(
        ask().then((status) => {
          if (isMeasured) answers[status] = (answers[status] ?? 0) + 1;
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(open);
  return { answers, seconds: (performance.now() - startedAt - SETTLES_MS) / 1_000 };
};

/** Of the budget of that time, what both let pass together. */
const partOf = (perSecond: number, told: readonly Told[]): number =>
  told.reduce((sum, { answers, seconds }) => sum + (answers['200'] ?? 0) / (perSecond * seconds), 0);

/** The round in which least passed. */
const findBestRound = async (perSecond: number, round: () => Promise<readonly Told[]>): Promise<readonly Told[]> => {
  let best = await round();
  for (let played = 1; played < ROUNDS_MAX && partOf(perSecond, best) > PART_MAX; played += 1) {
    const told = await round();
    if (partOf(perSecond, told) < partOf(perSecond, best)) best = told;
  }
  return best;
};

const expectOneBudget = (name: string, perSecond: number, told: readonly Told[]): void => {
  const part = partOf(perSecond, told);
  process.stdout.write(`${name}: ${part.toFixed(2)} of one budget passed at both\n`);
  expect(part).toBeLessThanOrEqual(PART_MAX);
  expect(part).toBeGreaterThanOrEqual(PART_MIN);
  for (const { answers } of told) {
    // Nobody is starved at one of them, and whoever is over is told so, and by nothing else.
    expect(answers['200']).toBeGreaterThan(0);
    expect(answers['429']).toBeGreaterThan(0);
    expect(Object.keys(answers).sort()).toEqual(['200', '429']);
  }
};

it('one identity, and one address, have one budget at two gateways together', async () => {
  const caller = await RawCaller.open(replicas[0].origin, openQuickWallet());
  const pressBoth = (perSecond: number, ask: (origin: string) => Promise<number>) =>
    Promise.all(replicas.map(({ origin }) => press(perSecond, () => ask(origin))));
  const [identity, address] = await Promise.all([
    findBestRound(IDENTITY_PER_SECOND, () =>
      pressBoth(2 * IDENTITY_PER_SECOND, async (origin) =>
        send(origin, await caller.sign({ method: 'GET', url: '/v1/identity' }), '127.0.0.1'),
      ),
    ),
    findBestRound(ADDRESS_PER_SECOND, () =>
      pressBoth(1.5 * ADDRESS_PER_SECOND, (origin) =>
        send(origin, { method: 'GET', url: '/health/live' }, '127.0.1.77'),
      ),
    ),
  ]);
  expectOneBudget('identity', IDENTITY_PER_SECOND, identity);
  expectOneBudget('address', ADDRESS_PER_SECOND, address);
});

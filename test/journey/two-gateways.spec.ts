import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import { GatewayProcess } from '../../src/demo/gateway-process';
import { OrganisationProcess } from '../../src/demo/organisation-process';
import { STORY_STEPS, playStory } from '../../src/demo/story';
import type { StepOutcome } from '../../src/demo/story';
import { RoundRobin } from './round-robin';

// The processes run the build, as an operator's would; `npm test` builds first.
const BUILT = join(__dirname, '..', '..', 'dist', 'src');
const MAIN = join(BUILT, 'main.js');

type Role = 'all' | 'api' | 'relay';
const constellations: [string, readonly Role[]][] = [
  ['two gateways that do everything', ['all', 'all']],
  ['two gateways that answer and one that relays', ['api', 'api', 'relay']],
];

describe.each(constellations)('the story of one submission over %s, on one PostgreSQL', (_, roles) => {
  let folder: string;
  let database: TestDatabase;
  let devnetUrl: string;
  let balancer: RoundRobin;
  let organisations: OrganisationProcess[];
  /** What was started, so that a start that fails half-way leaves nothing behind. */
  const stops: (() => unknown)[] = [];

  /** Started as `portcullis start` starts it: the child sends its URL when it is ready. */
  const openDevnet = async (): Promise<string> => {
    const command = [MAIN, 'devnet', '--port', '0', '--data-dir', join(folder, 'devnet')];
    const devnet = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    stops.push(() => devnet.kill());
    const [message] = (await once(devnet, 'message')) as [{ url: string }];
    return message.url;
  };

  const openGateway = async (role: Role, dataDir: string, identityKey: string): Promise<string> => {
    const env = {
      PATH: process.env.PATH,
      PORTCULLIS_ROLE: role,
      PORTCULLIS_PORT: '0',
      PORTCULLIS_METRICS_PORT: '0',
      PORTCULLIS_DATA_DIR: dataDir,
      PORTCULLIS_DATABASE_URL: database.url,
      PORTCULLIS_DEVNET_URL: devnetUrl,
      PORTCULLIS_IDENTITY_KEY: identityKey,
      PORTCULLIS_VERIFICATION_WORKERS: '1',
      ...(process.env.TEST_REDIS_URL === undefined ? {} : { PORTCULLIS_REDIS_URL: process.env.TEST_REDIS_URL }),
    };
    const gateway = new GatewayProcess(env, [MAIN, 'start']);
    stops.push(() => gateway.stop());
    return await gateway.waitUntilReady();
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-journey-'));
    stops.push(() => rmSync(folder, { recursive: true, force: true }));
    database = await createTestDatabase();
    stops.push(() => database.drop());
    devnetUrl = await openDevnet();
    const identityKey = randomBytes(32).toString('hex');
    const urls = await Promise.all(
      roles.map((role, index) => openGateway(role, join(folder, `gateway-${index}`), identityKey)),
    );
    balancer = await RoundRobin.open(urls.filter((_url, index) => roles[index] !== 'relay'));
    stops.push(() => balancer.close());
    const actorFile = join(BUILT, 'demo', 'organisation-actor.js');
    organisations = ['Supplier', 'Buyer', 'Attacker'].map((name) => new OrganisationProcess(name, actorFile));
    stops.push(() => organisations.forEach((organisation) => organisation.close()));
  }, 120_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  }, 60_000);

  it('goes as it should at every step, whichever gateway answers', async () => {
    const [supplier, buyer, attacker] = organisations as [
      OrganisationProcess,
      OrganisationProcess,
      OrganisationProcess,
    ];
    const world = { supplier, buyer, attacker, gatewayUrl: balancer.url, devnetUrl, documentId: 'PO-1' };
    const outcomes: StepOutcome[] = [];
    for await (const outcome of playStory(world)) outcomes.push(outcome);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    expect(outcomes).toHaveLength(STORY_STEPS);
    const [first = 0, second = 0] = balancer.passed;
    expect(Math.abs(first - second)).toBeLessThanOrEqual(1);
  }, 120_000);

  it('leaves a ledger in which every invariant holds', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'fsck', '--json'], {
      env: { PATH: process.env.PATH, PORTCULLIS_DATABASE_URL: database.url, PORTCULLIS_DATA_DIR: join(folder, 'fsck') },
    });
    const findings = JSON.parse(stdout) as { invariant: string; ok: boolean }[];
    expect(findings.length).toBeGreaterThanOrEqual(8);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);
});

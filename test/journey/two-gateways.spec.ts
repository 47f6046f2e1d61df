import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
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

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const waitForDevnet = async (url: string): Promise<void> => {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answered = await fetch(`${url}/chaintracks/v2/height`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    if (Date.now() > deadline) throw new Error('The development network did not start.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

describe('the story of one submission over two gateways on one PostgreSQL', () => {
  let folder: string;
  let database: TestDatabase;
  let devnetUrl: string;
  let balancer: RoundRobin;
  let organisations: OrganisationProcess[];
  /** What is open, in the order of opening: a start that fails half-way leaves nothing behind either. */
  const closers: (() => unknown)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-journey-'));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    database = await createTestDatabase();
    closers.push(() => database.drop());
    const devnetPort = await freePort();
    devnetUrl = `http://127.0.0.1:${devnetPort}`;
    const devnetArguments = [MAIN, 'devnet', '--port', String(devnetPort), '--data-dir', join(folder, 'devnet')];
    const devnet = spawn(process.execPath, devnetArguments, { stdio: 'ignore' });
    closers.push(() => devnet.kill());
    await waitForDevnet(devnetUrl);
    const identityKey = randomBytes(32).toString('hex');
    const ports = [await freePort(), await freePort()];
    const gateways = ports.map((port, index) => {
      const env = {
        PATH: process.env.PATH,
        PORTCULLIS_PORT: String(port),
        PORTCULLIS_METRICS_PORT: '0',
        PORTCULLIS_DATA_DIR: join(folder, `gateway-${index}`),
        PORTCULLIS_DATABASE_URL: database.url,
        PORTCULLIS_DEVNET_URL: devnetUrl,
        PORTCULLIS_IDENTITY_KEY: identityKey,
        PORTCULLIS_VERIFICATION_WORKERS: '1',
        ...(process.env.TEST_REDIS_URL === undefined ? {} : { PORTCULLIS_REDIS_URL: process.env.TEST_REDIS_URL }),
      };
      const gateway = new GatewayProcess(`http://127.0.0.1:${port}`, env, MAIN);
      closers.push(() => gateway.stop());
      return gateway;
    });
    await Promise.all(gateways.map((gateway) => gateway.waitUntilReady()));
    balancer = await RoundRobin.open(gateways.map(({ url }) => url));
    closers.push(() => balancer.close());
    const actorFile = join(BUILT, 'demo', 'organisation-actor.js');
    organisations = ['Supplier', 'Buyer', 'Attacker'].map((name) => new OrganisationProcess(name, actorFile));
    closers.push(() => organisations.forEach((organisation) => organisation.close()));
  }, 120_000);

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
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

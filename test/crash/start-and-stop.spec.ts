import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { waitUntil } from '#testkit';
import { findRunningUrl } from '../../src/database/embedded/find-running-url';
import { findProcess, isAlive } from '../../src/database/embedded/process-identity';
import { GatewayProcess } from '../../src/demo/gateway-process';

const binary = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const LAUNCHER = join(__dirname, '..', '..', 'ops', 'launch', 'start.mjs');

/** The settings of this machine must not reach the process under test. */
const cleanEnvironment = (settings: Record<string, string>): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_'));
  const ports = { PORTCULLIS_PORT: '0', PORTCULLIS_METRICS_PORT: '0', PORTCULLIS_DEVNET_PORT: '0' };
  return { ...Object.fromEntries(inherited), ...ports, ...settings };
};

describe('npm start', () => {
  jest.setTimeout(120_000);
  let dataDir: string;
  const started: GatewayProcess[] = [];
  const start = (settings: Record<string, string> = {}) => {
    // `npm start` without npm: builds when stale and becomes the gateway, in one process.
    const gateway = new GatewayProcess(cleanEnvironment({ PORTCULLIS_DATA_DIR: dataDir, ...settings }), [LAUNCHER]);
    started.push(gateway);
    return gateway;
  };
  const postmaster = () => Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  const query = async (sql: string) => {
    const client = new Client({ connectionString: findRunningUrl(dataDir) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'pc-start-'));
  });
  afterEach(async () => {
    for (const gateway of started.splice(0)) await gateway.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('stops cleanly on SIGTERM: exit code 0, no database, no development network, no lock left', async () => {
    const gateway = start();
    const { api, devnet, metrics } = await gateway.ready;
    expect((await fetch(`${api}/health/live`)).status).toBe(200);
    // Its port was left to the system (0), and is told as it is.
    expect(await (await fetch(metrics)).text()).toContain('portcullis_uptime_seconds');
    const database = postmaster();
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(findProcess(database)).toBeUndefined();
    expect(existsSync(join(dataDir, 'portcullis.lock'))).toBe(false);
    await expect(fetch(devnet ?? '')).rejects.toThrow();
  });

  it('prints one setup link, which opens the gateway once; and none while that is in force, or where somebody is named', async () => {
    const first = start();
    const { api, setup } = await first.ready;
    expect(setup).toMatch(new RegExp(`^${api}/people/setup\\?token=[A-Za-z0-9_-]{43}$`, 'u'));
    const form = new URLSearchParams({
      token: new URL(setup ?? '').searchParams.get('token') ?? '',
      organisation: 'acme',
    });
    const use = () => fetch(`${api}/people/setup`, { method: 'POST', body: form, headers: { origin: api } });
    expect((await fetch(setup ?? '')).status).toBe(200);
    expect([(await use()).status, (await use()).status]).toEqual([200, 403]);
    await first.stop();
    const second = start();
    expect((await second.ready).setup).toBeUndefined();
    expect(second.output).toContain('A setup link was given before and is in force');
    await second.stop();
    const key = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
    const third = start({ PORTCULLIS_ORGANISATIONS: JSON.stringify({ acme: [key] }) });
    expect((await third.ready).setup).toBeUndefined();
    expect(third.output).not.toContain('setup link');
  });

  it('refuses a second start on the same data folder and leaves the first alone', async () => {
    const first = start();
    const { api } = await first.ready;
    const second = start();
    expect(await second.ended).toBe(4);
    expect(second.output).toContain(`Another Portcullis (process ${String(first.child.pid)}) already runs`);
    expect((await fetch(`${api}/health/live`)).status).toBe(200);
  });

  it('recovers after kill -9: the orphaned database is replaced and keeps what was committed', async () => {
    const first = start();
    await first.ready;
    const orphan = postmaster();
    await query('CREATE TABLE public.kept AS SELECT 42 AS answer');
    first.child.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    expect(isAlive(orphan)).toBe(true);

    const second = start();
    await second.ready;
    expect(postmaster()).not.toBe(orphan);
    expect(findProcess(orphan)).toBeUndefined();
    expect(await query('SELECT answer FROM public.kept')).toEqual([{ answer: 42 }]);
  });

  it('ends when its database dies under it, and starts again', async () => {
    const first = start();
    await first.ready;
    process.kill(postmaster(), 'SIGKILL');
    expect(await first.ended).toBe(1);
    expect(first.output).toContain('PostgreSQL ended by SIGKILL');
    await start().ready;
  });

  it('takes its development network with it, even after kill -9', async () => {
    const first = start();
    const { devnet = '' } = await first.ready;
    first.child.kill('SIGKILL');
    await first.ended;
    const answers = () =>
      fetch(devnet).then(
        () => true,
        () => false,
      );
    await waitUntil('the development network is gone', async () => !(await answers()));
  });

  it.each([
    ['an unknown variable', { PORTCULLIS_PROT: '1' }, /PORTCULLIS_PROT is not a setting/u],
    ['a bad value', { PORTCULLIS_PORT: 'http' }, /PORTCULLIS_PORT is not valid/u],
    ['production on the development network', { PORTCULLIS_PROFILE: 'production' }, /does not run on the development/u],
    ['a network without a broadcaster', { PORTCULLIS_NETWORK: 'mainnet' }, /set PORTCULLIS_ARC_URL\.$/mu],
  ])('is stopped by %s with one sentence and exit code 2', async (_what, settings, sentence) => {
    const gateway = start(settings);
    expect(await gateway.ended).toBe(2);
    expect(gateway.output).toMatch(sentence);
    expect(gateway.output).not.toMatch(/^\s+at /mu);
    expect(gateway.output.split('\n').filter((line) => sentence.test(line))).toHaveLength(1);
    expect(gateway.output).not.toContain('NestFactory');
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  });

  it('needs no broadcaster to import headers', async () => {
    const settings = { PORTCULLIS_NETWORK: 'mainnet' };
    expect(await start(settings).ended).toBe(2);
    const file = join(dataDir, 'headers.bin');
    writeFileSync(file, Buffer.alloc(80));
    const env = cleanEnvironment({ PORTCULLIS_DATA_DIR: dataDir, ...settings });
    const asked = promisify(execFile)(process.execPath, [binary, 'headers', 'import', file], { env });
    // It came as far as judging the header.
    await expect(asked).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('at byte 0') as string });
  });

  it('gives up in one sentence when its Redis is away, and leaves nothing running', async () => {
    const gateway = start({ PORTCULLIS_REDIS_URL: 'redis://127.0.0.1:1' });
    expect(await gateway.ended).toBe(5);
    expect(gateway.output).toContain('The queue cannot be reached: Redis does not answer at PORTCULLIS_REDIS_URL.');
    await waitUntil('the database has ended', () => !existsSync(join(dataDir, 'postgres', 'postmaster.pid')));
  });

  it('refuses a schema that is newer than the binary', async () => {
    const first = start();
    await first.ready;
    await query(
      "INSERT INTO portcullis.migration (timestamp, name) VALUES (4102444800000, 'FromTheFuture4102444800000')",
    );
    first.child.kill('SIGTERM');
    await first.ended;
    const second = start();
    expect(await second.ended).toBe(5);
    expect(second.output).toContain('The database schema is newer than this Portcullis');
    await waitUntil('the database has ended', () => !existsSync(join(dataDir, 'postgres', 'postmaster.pid')));
  });

  it('lets fsck look at the database of the running gateway, and at a stopped one', async () => {
    const gateway = start();
    await gateway.ready;
    const ask = () =>
      promisify(execFile)(process.execPath, [binary, 'fsck', '--json'], {
        env: cleanEnvironment({ PORTCULLIS_DATA_DIR: dataDir }),
      });
    const running = JSON.parse((await ask()).stdout) as { ok: boolean }[];
    expect(running.length).toBeGreaterThan(5);
    expect(running.every(({ ok }) => ok)).toBe(true);
    gateway.child.kill('SIGTERM');
    await gateway.ended;
    expect(JSON.parse((await ask()).stdout)).toEqual(running);
  });
});

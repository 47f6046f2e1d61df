import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { findHeaderTip } from '#ledger';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import type { Config } from '../config';
import { type Devnet, startDevnet } from '../devnet';
import { buildEgressPolicy, PinnedHttpClient } from '../egress';
import { Log } from '../telemetry';
import { ChainProbe } from './chain.probe';
import { HeaderSyncRunner } from './header-sync.runner';

const lines: string[] = [];
let wake = (): void => undefined;
const destination = new Writable({
  write(chunk: Buffer, _, done) {
    lines.push(chunk.toString());
    wake();
    done();
  },
});
const log = new Log({ level: 'info', destination });

let database: TestDatabase;
let devnet: Devnet;
let directory: string;
const runners: HeaderSyncRunner[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), 'portcullis-sync-'));
  devnet = await startDevnet({ port: 0, dataDir: directory });
  lines.length = 0;
}, 60_000);
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.beforeApplicationShutdown()));
  await devnet.close();
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

const build = (role: Config['role'], pool: DataSource = database.dataSource): HeaderSyncRunner => {
  const config = {
    role,
    network: 'devnet',
    checkpoint: undefined,
    headerSources: [{ kind: 'devnet', url: devnet.url }],
  };
  const http = new PinnedHttpClient(buildEgressPolicy([devnet.url]));
  const runner = new HeaderSyncRunner(config as unknown as Config, pool, http, log);
  runners.push(runner);
  return runner;
};
const order = async (path: string, body: unknown): Promise<void> => {
  const answer = await fetch(`${devnet.url}/admin/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
};
const untilLogged = async (text: string): Promise<void> => {
  while (!lines.some((line) => line.includes(text))) await new Promise<void>((resolve) => (wake = resolve));
};

describe('HeaderSyncRunner', () => {
  it('knows the chain when the start is done, and is ready with it', async () => {
    const runner = build('all');
    const probe = new ChainProbe(database.dataSource, runner, { network: 'devnet', role: 'all' });
    expect(await probe.check()).toMatchObject({ ok: false });
    await runner.onApplicationBootstrap();
    expect((await findHeaderTip(database.dataSource))?.height).toBe(110);
    expect(await probe.check()).toMatchObject({ ok: true, detail: expect.stringContaining('1 agrees') as string });
  });

  it('follows a reorg by itself and says so', async () => {
    await build('relay').onApplicationBootstrap();
    await order('reorg', { depth: 3 });
    await untilLogged('the chain was reorganised');
    expect((await findHeaderTip(database.dataSource))?.height).toBe(111);
  });

  it('leaves the work to one replica and takes over when that one stops', async () => {
    const first = build('relay');
    const second = build('relay', await database.openPool());
    await Promise.all([first.onApplicationBootstrap(), second.onApplicationBootstrap()]);
    await first.beforeApplicationShutdown();
    await order('reorg', { depth: 1 });
    await untilLogged('the chain was reorganised');
    expect((await findHeaderTip(database.dataSource))?.height).toBe(111);
  });

  it('does nothing in the role api', async () => {
    await build('api').onApplicationBootstrap();
    expect(await findHeaderTip(database.dataSource)).toBeUndefined();
  });

  it('survives a source that is away, and reports when it is back', async () => {
    await order('faults', { on: 'headers', kind: 'status', times: 2 });
    const runner = build('all');
    await runner.onApplicationBootstrap();
    expect(runner.reports.map(({ verdict }) => verdict)).toEqual(['unreachable']);
    await untilLogged('header source agrees');
    expect((await findHeaderTip(database.dataSource))?.height).toBe(110);
  });
});

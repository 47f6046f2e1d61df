import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { claimFolder, FolderBusyError } from './claim-folder';
import { findProcess, isAlive } from './process-identity';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './start-embedded-postgres';

async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  jest.setTimeout(60_000);
  let top: string;
  let dataDir: string;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'pc-'));
    dataDir = join(top, 'data');
  });
  afterEach(() => {
    rmSync(top, { recursive: true });
  });

  it('keeps what was committed over a stop, with fsync and checksums on and no TCP port', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const settings = await ask<{ name: string; setting: string }>(
      first.url,
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'data_checksums', 'listen_addresses')",
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      data_checksums: 'on',
      fsync: 'on',
      listen_addresses: '',
    });
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(existsSync(join(dataDir, 'portcullis.lock'))).toBe(false);

    const second = await startEmbeddedPostgres({ dataDir });
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it('refuses a second gateway on the same folder and says who has it', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(FolderBusyError);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(`process ${String(process.pid)}`);
    expect(await ask(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await first.stop();
  });

  it('replaces a server whose gateway is gone', async () => {
    const orphan = await startEmbeddedPostgres({ dataDir });
    await ask(orphan.url, 'CREATE TABLE kept AS SELECT 7 AS answer');
    rmSync(join(dataDir, 'portcullis.lock'));

    const heir = await startEmbeddedPostgres({ dataDir });
    expect(heir.pid).not.toBe(orphan.pid);
    expect(await orphan.ended).toContain('ended with code 0');
    expect(await ask(heir.url, 'SELECT answer FROM kept')).toEqual([{ answer: 7 }]);
    await heir.stop();
  });

  it('starts although its pid file names a stranger', async () => {
    await (await startEmbeddedPostgres({ dataDir })).stop();
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${String(process.ppid)}\n`);
    const server = await startEmbeddedPostgres({ dataDir });
    await server.stop();
    expect(isAlive(process.ppid)).toBe(true);
  });

  it('recovers from the death of the server itself', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await ask(first.url, 'CREATE TABLE kept AS SELECT 9 AS answer');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.ended).toContain('SIGKILL');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir });
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 9 }]);
    await second.stop();
  });

  it('works in a folder whose path is too long for a socket', async () => {
    const deep = join(top, 'x'.repeat(120));
    const server = await startEmbeddedPostgres({ dataDir: deep });
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('removes the temporary folder of a server that was killed with its gateway, and no folder that holds more', async () => {
    const deep = join(top, 'x'.repeat(120));
    const folderOf = (url: string) => decodeURIComponent(/@([^/]+)\//u.exec(url)?.[1] ?? '');
    const kill = async (server: EmbeddedPostgres) => {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
      rmSync(join(deep, 'portcullis.lock'));
    };
    const first = await startEmbeddedPostgres({ dataDir: deep });
    const left = folderOf(first.url);
    expect(dirname(left)).toBe(tmpdir());
    await kill(first);
    const second = await startEmbeddedPostgres({ dataDir: deep });
    expect(existsSync(left)).toBe(false);

    const shared = folderOf(second.url);
    writeFileSync(join(shared, 'kept'), '');
    await kill(second);
    const third = await startEmbeddedPostgres({ dataDir: deep });
    expect(existsSync(join(shared, 'kept'))).toBe(true);
    rmSync(shared, { recursive: true });
    await third.stop();
  });

  it('works under a folder that only its owner can enter', async () => {
    const closed = join(top, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const server = await startEmbeddedPostgres({ dataDir: join(closed, 'data') });
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    const again = await startEmbeddedPostgres({ dataDir: join(closed, 'data') });
    await again.stop();
  });

  it('says in the error what PostgreSQL complained of', async () => {
    await (await startEmbeddedPostgres({ dataDir })).stop();
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '9.6\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/incompatible/u);
    expect(existsSync(join(dataDir, 'portcullis.lock'))).toBe(false);
  });
});

describe('the claim on a data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pc-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const placeLock = (content: string) => {
    writeFileSync(join(folder, 'portcullis.lock'), content);
  };

  it('takes over from a process that has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const identity = findProcess(child.pid ?? 0);
    placeLock(JSON.stringify(identity));
    expect(() => claimFolder(folder)).toThrow(FolderBusyError);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    claimFolder(folder).release();
  });

  it('does not mistake a process that got the same number later for the owner', () => {
    placeLock(JSON.stringify({ pid: process.pid, startedAt: 'earlier' }));
    const claim = claimFolder(folder);
    expect(readFileSync(join(folder, 'portcullis.lock'), 'utf8')).toContain(`"pid":${String(process.pid)}`);
    claim.release();
  });

  it('takes over a lock that holds nothing readable', () => {
    placeLock('');
    claimFolder(folder).release();
  });
});

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthFetch } from '@bsv/sdk';
import { limits } from '#atomic-core';
import { fsck } from '#ledger';
import { waitUntil } from '#testkit';
import { issueMany, itemOf, itemsOf, sendBatch, writeLines } from '../contract/batches-rig';
import { SubmissionsRig, type Caller } from '../contract/submissions-rig';

jest.setTimeout(120_000);

const CHILD = join(__dirname, 'batch-child.cjs');
const BUILT = join(__dirname, '..', '..', 'dist', 'src', 'submissions', 'batches.service.js');

const GROUP = limits.GROUP_COMMITS_MAX;
/** Two groups. */
const ITEMS = GROUP + 3;

describe('a gateway killed with SIGKILL while it commits a batch', () => {
  const identityKey = randomBytes(32).toString('hex');
  const prices = [{ method: 'POST', path: '/v1/submissions/batch', satoshis: 10 }];
  let rig: SubmissionsRig;
  let caller: Caller;
  let folder: string;
  beforeAll(async () => {
    if (!existsSync(BUILT)) throw new Error('the build is missing; run npm run build');
    folder = mkdtempSync(join(tmpdir(), 'portcullis-batch-'));
    rig = await SubmissionsRig.open({ identityKey, prices });
    caller = await rig.openCaller(1_000_000);
  });
  afterEach(async () => {
    expect((await fsck(rig.database.owner)).filter(({ ok }) => !ok)).toEqual([]);
  });
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Another replica of the rig's gateway. It is sent the batch and killed at the point. */
  const killAt = async (point: string, body: string): Promise<void> => {
    const settings = {
      identityKey,
      prices,
      role: 'api',
      dataDir: join(folder, point),
      databaseUrl: rig.database.url,
      devnetUrl: rig.devnet.url,
      metricsPort: 0,
      verificationWorkers: 1,
      logLevel: 'silent',
    };
    const child = spawn(process.execPath, [CHILD, point, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_code, signal) => resolve(signal)),
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const said = async (words: RegExp): Promise<void> => {
      await waitUntil(
        `it says ${words.source}`,
        async () => Promise.resolve(words.test(output) || child.exitCode !== null),
        60_000,
      );
      if (child.exitCode !== null) throw new Error(output);
    };
    let answer: Promise<unknown> | undefined;
    try {
      await said(/listening \d+/u);
      const port = /listening (\d+)/u.exec(output)?.[1] ?? '';
      const headers = { 'content-type': 'application/x-ndjson' };
      const url = `http://127.0.0.1:${port}/v1/submissions/batch`;
      answer = new AuthFetch(caller.purse)
        .fetch(url, { method: 'POST', headers, body })
        .catch((error: unknown) => error);
      await said(/reached/u);
    } finally {
      child.kill('SIGKILL');
    }
    expect(await ended).toBe('SIGKILL');
    expect(await answer).toBeInstanceOf(Error);
  };

  /** What a connection of the dead gateway still does is done. */
  const isQuiet = async (): Promise<boolean> => {
    const [row] = await rig.database.owner.query<{ n: number }[]>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and query like '%commit_transitions%'
        and state <> 'idle' and pid <> pg_backend_pid()`,
    );
    return row?.n === 0;
  };

  it.each([
    ['before-the-first-group', [0]],
    ['between-two-groups', [GROUP]],
    ['inside-the-second-group', [GROUP, ITEMS]],
    ['behind-the-last-group', [ITEMS]],
  ])('%s: the same batch again gets every receipt, and pays no second time', async (point, committed) => {
    const items = (await issueMany(caller, ITEMS)).map(({ beef }) => itemOf(beef));
    const [transitions, claims] = [await rig.count('transition'), await rig.count('payment_claim')];
    await killAt(point, writeLines(items));
    await waitUntil('the database is quiet', isQuiet);
    const done = (await rig.count('transition')) - transitions;
    expect(committed).toContain(done);

    const balance = caller.purse.balance;
    const answer = await sendBatch(caller, items);
    expect(answer.json).toMatchObject({ applied: ITEMS - done, replayed: done, refused: 0 });
    expect([caller.purse.balance, await rig.count('payment_claim')]).toEqual([balance, claims + 1]);
    expect(await rig.count('transition')).toBe(transitions + ITEMS);
    const again = await sendBatch(caller, items);
    expect([again.json['replayed'], itemsOf(again)]).toEqual([ITEMS, itemsOf(answer)]);
  });
});

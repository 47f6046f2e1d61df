import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitTransition, findEventTip, findFeed, fsck } from '#ledger';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  planPlainCommit,
  randomOutpoint,
  waitUntil,
  type PlainTransaction,
  type TestDatabase,
} from '#testkit';

jest.setTimeout(180_000);

const CHILD = join(__dirname, 'lookup-feed-child.cjs');
const BUILT = join(__dirname, '..', '..', 'dist', 'src', 'lookup', 'feed', 'lookup-feed.runner.js');
const FEED = 'lookup:ls_file';

describe('a process that feeds a lookup service, killed with SIGKILL between a notice and the record of it', () => {
  let database: TestDatabase;
  let folder: string;
  let file: string;
  const children: ChildProcess[] = [];

  beforeAll(() => {
    if (!existsSync(BUILT)) throw new Error('the build is missing; run npm run build');
  });
  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'portcullis-feed-'));
    file = join(folder, 'told');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    expect((await fsck(database.dataSource)).filter(({ ok }) => !ok)).toEqual([]);
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const commit = async (subject: PlainTransaction, coin?: PlainTransaction): Promise<void> => {
    const coins = coin === undefined ? [] : [{ txid: coin.txid, vout: 0, retain: true }];
    const committed = await commitTransition(database.dataSource, planPlainCommit({ subject, coins }));
    if (!committed.ok) throw new Error(committed.rejection.detail);
  };
  const start = (dieAfter: number): { child: ChildProcess; output: () => string } => {
    const child = spawn(process.execPath, [CHILD, database.url, file, String(dieAfter)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return { child, output: () => output };
  };
  const killAfter = async (notices: number): Promise<void> => {
    const { child, output } = start(notices);
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    await waitUntil(
      'the notice is told',
      () => Promise.resolve(output().includes('reached') || child.exitCode !== null),
      60_000,
    );
    if (child.exitCode !== null) throw new Error(output());
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(await findFeed(database.dataSource, FEED)).toMatchObject({ underWay: true });
    // As a minute without the dead holder would.
    await database.owner.query(`update portcullis.event_feed set lease_until = now() where name = '${FEED}'`);
  };
  const finish = async (): Promise<string[]> => {
    start(0);
    await waitUntil(
      'all is told',
      async () => (await findFeed(database.dataSource, FEED))?.position === (await findEventTip(database.dataSource)),
      60_000,
    );
    return readFileSync(file, 'utf8').trim().split('\n');
  };

  it('has an admission withdrawn before it is repeated, and repeats nothing else', async () => {
    const [first, second] = [buildPlainTransaction([randomOutpoint()]), buildPlainTransaction([randomOutpoint()])];
    await commit(first);
    await commit(second);
    await killAfter(2);
    expect(await finish()).toEqual([
      `admitted ${first.txid}.0`,
      `admitted ${second.txid}.0`,
      `evicted ${second.txid}.0`,
      `admitted ${second.txid}.0`,
    ]);
  });

  it('repeats a spend, and goes on with what follows it', async () => {
    const coin = buildPlainTransaction([randomOutpoint()]);
    const spender = buildPlainTransaction([outpointOf(coin)]);
    await commit(coin);
    await commit(spender, coin);
    await killAfter(2);
    const spent = `spent ${coin.txid}.0 ${spender.txid}`;
    expect(await finish()).toEqual([`admitted ${coin.txid}.0`, spent, spent, `admitted ${spender.txid}.0`]);
  });
});

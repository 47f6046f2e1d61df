import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as openRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TestDatabase, createTestDatabase, waitUntil } from '#testkit';
import { type Child, startChild } from '../../bench/ledger/child';
import { openQuickWallet } from '../../contract/quick-wallet';
import { RawCaller, type RawRequest } from '../../contract/raw-caller';

const TOP = join(__dirname, '..', '..', '..');
const PROBE = ['--expose-gc', '--require', join(__dirname, 'heap-probe.cjs')];
const run = promisify(execFile);

export interface Heap {
  /** What is left after a collection. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface FloodTarget {
  readonly child: Child;
  readonly heap: () => Promise<Heap>;
  readonly stop: () => Promise<void>;
}

const openTarget = async (
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  says: RegExp,
): Promise<FloodTarget> => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-flood-'));
  const file = join(folder, 'heap.json');
  const child = await startChild([...PROBE, ...argv], { ...env, PORTCULLIS_DATA_DIR: folder, HEAP_FILE: file }, says);
  const read = (): Heap | undefined => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Heap;
    } catch {
      return undefined;
    }
  };
  return {
    child,
    heap: async () => {
      rmSync(file, { force: true });
      process.kill(child.pid, 'SIGUSR2');
      await waitUntil('the heap is counted', () => read() !== undefined);
      return read() as Heap;
    },
    stop: async () => {
      await child.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** The built gateway, alone in its process. */
export const openFloodedGateway = async (): Promise<FloodTarget & { readonly database: TestDatabase }> => {
  const database = await createTestDatabase();
  const target = await openTarget(
    [join(TOP, 'dist', 'src', 'main.js'), 'start', '--json'],
    {
      PORTCULLIS_ROLE: 'api',
      PORTCULLIS_DATABASE_URL: database.url,
      PORTCULLIS_IDENTITY_KEY: '11'.repeat(32),
      PORTCULLIS_DEVNET_URL: 'http://127.0.0.1:9',
      PORTCULLIS_PRICES: '[]',
      PORTCULLIS_PORT: '0',
      PORTCULLIS_METRICS_PORT: '0',
      PORTCULLIS_LOG_LEVEL: 'fatal',
    },
    /"api":"http:\/\/127\.0\.0\.1:(\d+)"/u,
  );
  const stop = async (): Promise<void> => {
    await target.stop();
    await database.drop();
  };
  return { ...target, database, stop };
};

/** The stock middleware, alone in its process. */
export const openFloodedStock = (): Promise<FloodTarget> =>
  openTarget(
    [
      '--require',
      join(TOP, 'ops', 'build', 'register-typescript.cjs'),
      join(TOP, 'test', 'bench', 'auth', 'stock-server.ts'),
    ],
    {},
    /port (\d+)/u,
  );

const DECOY = `require('node:http').createServer((asked, answer) => { asked.resume().once('end', () => { answer.statusCode = 401; answer.end(); }); })
  .listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port); });`;

/** Answers whatever it is sent and does nothing: an attacker that is busy with it takes from the machine what an attacker takes, and from the gateway nothing. */
export const openDecoy = (): Promise<Child> => startChild(['-e', DECOY], {}, /port (\d+)/u);

export interface Flood {
  readonly kind: 'bad signatures' | 'handshakes';
  readonly count: number;
  readonly perSecond: number;
}

export interface Flooded {
  /** How often each status was answered. */
  readonly answers: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Unused for longer, a connection is not used again. */
const IDLE_MS_MAX = 30_000;
const ADDRESSES = 32;
/** Of the attacker's requests, unanswered at one time. */
const AT_ONCE = 8;
export const ASKED: RawRequest = { method: 'GET', url: '/v1/identity' };

/** From a session of the attacker's own, which anybody may open; sent there or to somebody else. */
export const flood = async (
  { child }: FloodTarget,
  { kind, count, perSecond }: Flood,
  origin = child.origin,
): Promise<Flooded> => {
  const signed = await (await RawCaller.open(child.origin, openQuickWallet())).sign(ASKED);
  const plan = { origin, kind, count, perSecond, atOnce: AT_ONCE, addresses: ADDRESSES, idleMs: IDLE_MS_MAX, signed };
  const { stdout } = await run(process.execPath, [join(__dirname, 'flood-child.cjs'), JSON.stringify(plan)]);
  return JSON.parse(stdout) as Flooded;
};

/** Those who are let in, at a steady pace, whatever else goes on: a slow answer holds up no next request. Milliseconds of each answer. */
export class HonestCaller {
  /** Below the time for which the gateway keeps a connection, as it says with each answer: without any, Node's client would use one in the moment that it ends. */
  private readonly agent = new Agent({ keepAlive: true, timeout: IDLE_MS_MAX });

  private constructor(private readonly caller: RawCaller) {}

  static async open({ child }: FloodTarget): Promise<HonestCaller> {
    return new HonestCaller(await RawCaller.open(child.origin, openQuickWallet()));
  }

  async time(count: number, perSecond: number): Promise<number[]> {
    const signed: RawRequest[] = [];
    for (let at = 0; at < count; at += 1) signed.push(await this.caller.sign(ASKED));
    const times: Promise<number>[] = [];
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
        while (times.length < due) times.push(this.send(signed[times.length] as RawRequest));
        if (times.length < count) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    return Promise.all(times);
  }

  close(): void {
    this.agent.destroy();
  }

  private send({ method, url, headers }: RawRequest): Promise<number> {
    const sentAt = performance.now();
    return new Promise((resolve, reject) => {
      const options = { method, agent: this.agent, headers: { ...headers } };
      const asked = openRequest(`${this.caller.origin}${url}`, options, (answer) => {
        answer.resume();
        answer.once('error', reject);
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve(performance.now() - sentAt);
          else reject(new Error(`An honest request was answered ${String(answer.statusCode)}.`));
        });
      });
      asked.once('error', reject);
      asked.end();
    });
  }
}

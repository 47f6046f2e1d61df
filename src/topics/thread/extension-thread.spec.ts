import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExtensionThread } from './extension-thread';
import type { CallEnd } from './call-queue';
import type { ExtensionKind, ThreadCall } from './thread-message';

const TIMEOUT_MS = 1_000;

// What the first byte of the "BEEF" says is what it does.
const ZOO = `
let calls = 0;
module.exports = {
  async identifyAdmissibleOutputs([deed], coins) {
    calls += 1;
    if (deed === 1) throw new Error('not today');
    if (deed === 2) return new Promise(() => {});
    if (deed === 3) for (;;);
    if (deed === 4) process.exit(7);
    if (deed === 5) { const kept = []; for (;;) kept.push(new Array(1e6).fill(calls)); }
    if (deed === 6) { const kept = []; for (;;) kept.push(Buffer.alloc(1e7, 1)); }
    if (deed === 7) { setTimeout(() => Promise.reject(new Error('later')), 1); }
    if (deed === 8) { setTimeout(() => { throw new Error('later'); }, 1); return new Promise(() => {}); }
    if (deed === 9) await new Promise((resolve) => setTimeout(resolve, 100));
    if (deed === 10) { const { parentPort } = require('node:worker_threads'); parentPort.postMessage({ is: 'answered', id: 1, value: 'forged' }); }
    if (deed === 11) { const kept = []; const more = () => { kept.push(Buffer.alloc(1e7, 1)); setImmediate(more); }; more(); return new Promise(() => {}); }
    if (deed === 12) console.log('line ' + calls + ' ' + JSON.stringify(Object.keys(process.env).filter((name) => name.startsWith('PORTCULLIS'))));
    return { outputsToAdmit: [deed], coinsToRetain: coins };
  },
};`;

describe('the thread of an extension', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-thread-'));
  let thread: ExtensionThread;
  let replaced: string[];
  let lines: string[];

  const openThread = (source: string, kind: ExtensionKind = 'topic'): Promise<ExtensionThread> => {
    const file = join(folder, `${String(Math.random()).slice(2)}.cjs`);
    writeFileSync(file, source);
    replaced = [];
    lines = [];
    return ExtensionThread.open({
      name: 'tm_zoo',
      load: { kind, module: file, folders: [folder], bufferBytesMax: 64 * 1024 * 1024 },
      timeoutMs: TIMEOUT_MS,
      memoryMb: 64,
      onLine: (line) => lines.push(line),
      onReplaced: (reason) => replaced.push(reason),
    });
  };
  const judge = (deed: number, coins: number[] = []): Promise<CallEnd> =>
    thread.run({ op: 'judge', beef: Uint8Array.of(deed), coins, mode: 'current-tx' } satisfies ThreadCall);
  const honest = { kind: 'answered', value: { outputsToAdmit: [20], coinsToRetain: [1] } };

  beforeEach(async () => {
    thread = await openThread(ZOO);
  });
  afterEach(() => thread.close());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('answers, and fails the call alone that throws', async () => {
    expect(await judge(20, [1])).toEqual(honest);
    expect(await judge(1)).toEqual({ kind: 'failed', reason: 'not today' });
    expect([await judge(20, [1]), replaced]).toEqual([honest, []]);
  });

  it.each([
    ['hangs', 2, /did not answer within 1000 ms/u],
    ['blocks its loop', 3, /did not answer within 1000 ms/u],
    ['exits', 4, /ended by itself/u],
    ['fills its heap', 5, /outgrew its memory|did not answer/u],
    ['fills buffers in one loop', 6, /outgrew its memory|did not answer/u],
    ['fills buffers bit by bit', 11, /outgrew its memory|did not answer/u],
    ['throws later, with nobody to catch it', 8, /died of (Error: )?later/u],
  ])(
    'ends the call of one that %s, and the next one is served by a new thread',
    async (_name, deed, reason) => {
      expect(await judge(deed)).toEqual({ kind: 'unavailable', reason: expect.stringMatching(reason), begun: true });
      expect(await judge(20, [1])).toEqual(honest);
      expect([replaced.length, thread.life]).toEqual([1, 2]);
    },
    30_000,
  );

  it('outlives a rejection that nobody waits for, and says so in the log', async () => {
    expect(await judge(7)).toMatchObject({ kind: 'answered' });
    expect(await judge(9)).toMatchObject({ kind: 'answered' });
    expect([await judge(20, [1]), replaced]).toEqual([honest, []]);
    expect(lines.join()).toContain('nobody waited for it: later');
  });

  it('hears nothing that is posted behind its back', async () => {
    expect(await judge(10)).toEqual({ kind: 'answered', value: { outputsToAdmit: [10], coinsToRetain: [] } });
  });

  it('blames the call that blocks, not those in hand beside it', async () => {
    const ends = await Promise.all([judge(9), judge(3), judge(20, [1]), judge(9)]);
    expect(ends.map(({ kind }) => kind)).toEqual(['answered', 'unavailable', 'answered', 'answered']);
    expect(replaced).toHaveLength(1);
  }, 30_000);

  it('finds who ends the thread by asking the suspects again, one at a time', async () => {
    const ends = await Promise.all([judge(9), judge(8), judge(9)]);
    expect(ends.map(({ kind }) => kind)).toEqual(['answered', 'unavailable', 'answered']);
    expect(replaced).toHaveLength(2);
  }, 30_000);

  it('keeps our main loop turning while it stands', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    await judge(3);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(TIMEOUT_MS / 20);
  }, 30_000);

  it('hands on what it prints, and gives it no variable of ours', async () => {
    process.env['PORTCULLIS_THREAD_SPEC'] = 'secret';
    await thread.close();
    thread = await openThread(ZOO);
    await judge(12);
    delete process.env['PORTCULLIS_THREAD_SPEC'];
    await judge(20);
    await thread.close();
    expect(lines).toEqual(['line 1 []']);
  });

  it('turns calls away once it is closed', async () => {
    const waiting = judge(2);
    await thread.close();
    expect([await waiting, await judge(20)].map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable']);
    expect(replaced).toEqual([]);
  });
});

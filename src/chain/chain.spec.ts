import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHeader } from '#atomic-core';
import type { HeaderSource } from '#ports';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import { type Devnet, startDevnet } from '../devnet';
import { buildEgressPolicy, PinnedHttpClient } from '../egress';
import { findChainRoot } from './chain-root';
import { ChainTrackerService } from './chain-tracker.service';
import { createSources } from './create-sources';
import { followSource, plantGenesis, type SourceReport } from './follow-source';
import { HeaderStore } from './header-store';
import { importHeaders } from './import-headers';
import { HeaderFileError } from './read-header-file';

const { signal } = new AbortController();
let database: TestDatabase;
let directory: string;
const devnets: Devnet[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), 'portcullis-chain-'));
}, 60_000);
afterEach(async () => {
  await Promise.all(devnets.splice(0).map((devnet) => devnet.close()));
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

const start = async (name: string): Promise<{ url: string; source: HeaderSource }> => {
  const devnet = await startDevnet({ port: 0, dataDir: join(directory, name) });
  devnets.push(devnet);
  const http = new PinnedHttpClient(buildEgressPolicy([devnet.url]));
  const [source] = createSources(http, { headerSources: [{ kind: 'devnet', url: devnet.url }] });
  return { url: devnet.url, source: source as HeaderSource };
};
const order = async (url: string, path: string, body: unknown = {}): Promise<void> => {
  const answer = await fetch(`${url}/admin/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
};
const fetchAll = async (source: HeaderSource): Promise<readonly Uint8Array[]> => source.fetchHeaders(0, 2000, signal);
const rootAt = async (source: HeaderSource, height: number): Promise<string> => {
  const [bytes] = await source.fetchHeaders(height, 1, signal);
  return (bytes && readHeader(bytes)?.merkleRoot) ?? '';
};
const openStore = async (): Promise<HeaderStore> => {
  const store = new HeaderStore(database.dataSource, 'devnet', findChainRoot('devnet', undefined));
  await plantGenesis(store);
  return store;
};
const follow = (source: HeaderSource, store: HeaderStore): Promise<SourceReport> => followSource(source, store, signal);

describe('following the development network', () => {
  // Sources are followed one after the other: one that never ends would keep the others, and us, from the chain.
  it('leaves a source that claims a high tip and gives the same headers for every height', async () => {
    const { source } = await start('liar');
    const store = await openStore();
    await follow(source, store);
    let asked = 0;
    const liar: HeaderSource = {
      name: 'liar',
      fetchTipHeight: () => Promise.resolve(1e15),
      fetchHeaders: async () => {
        asked += 1;
        if (asked > 50) throw new Error('asked without end');
        return source.fetchHeaders(10, 2, signal);
      },
    };
    expect(await follow(liar, store)).toMatchObject({ verdict: 'wrong' });
    expect(asked).toBeLessThan(5);
  });

  it('takes the whole chain, then what is new, and judges roots by it', async () => {
    const { url, source } = await start('one');
    const store = await openStore();
    const tracker = new ChainTrackerService(database.dataSource);
    expect(await follow(source, store)).toMatchObject({ verdict: 'agrees', tipHeight: 110 });
    await order(url, 'mine', { blocks: 3 });
    expect(await follow(source, store)).toMatchObject({ verdict: 'agrees', tipHeight: 113 });

    const root = await rootAt(source, 112);
    const questions = [
      { height: 112, root },
      { height: 111, root },
      { height: 114, root },
    ];
    expect(await tracker.judgeRoots(questions)).toEqual(['OK', 'INVALID', 'UNKNOWN']);
    expect(await tracker.judgeRoots([])).toEqual([]);
    expect(await tracker.findTip()).toMatchObject({ height: 113 });
  });

  it('judges under the tip that a caller remembers as long as it is the tip, and not a moment longer', async () => {
    const { url, source } = await start('one');
    const store = await openStore();
    await follow(source, store);
    const tracker = new ChainTrackerService(database.dataSource);
    expect(tracker.recallTip()).toBeUndefined();
    const tip = await tracker.findTip();
    if (tip === undefined) throw new Error('no tip');
    expect(tracker.recallTip()).toEqual(tip);
    const questions = [{ height: 108, root: await rootAt(source, 108) }];
    expect(await tracker.judgeRootsUnder(tip, questions)).toEqual(['OK']);
    expect(await tracker.judgeRootsUnder(tip, [])).toEqual([]);
    expect(await tracker.judgeRootsUnder({ ...tip, hash: 'ee'.repeat(32) }, questions)).toBeUndefined();
    await order(url, 'mine', { blocks: 1 });
    await follow(source, store);
    for (const asked of [questions, []]) expect(await tracker.judgeRootsUnder(tip, asked)).toBeUndefined();
    expect(tracker.recallTip()).toEqual(tip);
    expect(await tracker.findTip()).not.toEqual(tip);
    expect(tracker.recallTip()).toEqual(await tracker.findTip());
  });

  // PROTOCOLS B14, quoted from its documentation and not run here, since nothing of ours depends on that package: wallet-toolbox's
  // `BHServiceClient.isValidRootForHeight` caches whatever root was asked for, so a forged root is false, asked again true, and the real root false after it.
  it('answers alike however often it is asked, and anew after a reorg (B14)', async () => {
    const { url, source } = await start('one');
    const store = await openStore();
    const tracker = new ChainTrackerService(database.dataSource);
    await follow(source, store);
    const height = 110;
    const [before, forged] = [await rootAt(source, height), 'ee'.repeat(32)];
    const judge = (...roots: string[]) => tracker.judgeRoots(roots.map((root) => ({ height, root })));
    expect(await judge(forged)).toEqual(['INVALID']);
    expect(await judge(forged)).toEqual(['INVALID']);
    expect(await judge(before)).toEqual(['OK']);
    expect(await judge(forged, before, forged, before)).toEqual(['INVALID', 'OK', 'INVALID', 'OK']);

    const rival = await start('two');
    await order(rival.url, 'mine', { blocks: 5 });
    const after = await rootAt(rival.source, height);
    expect(await judge(after)).toEqual(['INVALID']);
    expect(await follow(rival.source, store)).toMatchObject({ verdict: 'agrees', tipHeight: 115 });
    expect(await judge(after, before, forged)).toEqual(['OK', 'INVALID', 'INVALID']);
    await order(url, 'mine', { blocks: 10 });
    expect(await follow(source, store)).toMatchObject({ verdict: 'agrees', tipHeight: 120 });
    expect(await judge(after, before, forged)).toEqual(['INVALID', 'OK', 'INVALID']);
  });

  it.each([1, 2, 6, 99])('follows a reorg of %i blocks', async (depth) => {
    const { url, source } = await start('one');
    const store = await openStore();
    const tracker = new ChainTrackerService(database.dataSource);
    await follow(source, store);
    const before = await rootAt(source, 110);
    await order(url, 'reorg', { depth });
    const report = await follow(source, store);
    expect([report.verdict, report.orphaned.length]).toEqual(['agrees', depth]);
    const after = await rootAt(source, 110);
    expect(
      await tracker.judgeRoots([
        { height: 110, root: before },
        { height: 110, root: after },
      ]),
    ).toEqual(['INVALID', 'OK']);
  });

  it('stays with the chain of most work when sources differ, and says which one differs', async () => {
    const [one, two] = [await start('one'), await start('two')];
    const store = await openStore();
    await order(one.url, 'mine', { blocks: 3 });
    expect((await follow(one.source, store)).verdict).toBe('agrees');
    expect((await follow(two.source, store)).verdict).toBe('differs');
    expect((await follow(one.source, store)).verdict).toBe('agrees');
    await order(two.url, 'mine', { blocks: 10 });
    expect(await follow(two.source, store)).toMatchObject({ verdict: 'agrees', tipHeight: 120 });
    expect((await follow(one.source, store)).verdict).toBe('differs');
  });

  it('calls neither of two equal branches wrong', async () => {
    const [one, two] = [await start('one'), await start('two')];
    const store = await openStore();
    const tracker = new ChainTrackerService(database.dataSource);
    await follow(one.source, store);
    await follow(two.source, store);
    const roots = [await rootAt(one.source, 50), await rootAt(two.source, 50), 'ee'.repeat(32)];
    const verdicts = await tracker.judgeRoots(roots.map((root) => ({ height: 50, root })));
    expect(verdicts).toEqual(['OK', 'UNKNOWN', 'INVALID']);
  });

  it('asks the store no more often for a thousand proofs that disagree than for one', async () => {
    const { source } = await start('one');
    await follow(source, await openStore());
    const tracker = new ChainTrackerService(database.dataSource);
    const forged = Array.from({ length: 1_000 }, (_, index) => ({
      height: index % 100,
      root: index.toString(16).padStart(64, 'e'),
    }));
    const query = jest.spyOn(database.dataSource, 'createQueryRunner');
    try {
      const verdicts = await tracker.judgeRoots(forged);
      expect(verdicts).toEqual(forged.map(() => 'INVALID'));
      expect(query).toHaveBeenCalledTimes(2);
    } finally {
      query.mockRestore();
    }
  });

  it('reports a source that fails, lies or is silent, and keeps what it has', async () => {
    const { url, source } = await start('one');
    const store = await openStore();
    await follow(source, store);
    for (const kind of ['status', 'garbage', 'huge-body', 'drop']) {
      await order(url, 'faults', { on: 'headers', kind });
      expect((await follow(source, store)).verdict).toBe('unreachable');
    }
    const forged: HeaderSource = {
      name: 'forged',
      fetchTipHeight: () => Promise.resolve(111),
      fetchHeaders: async (height, count) => {
        const [bytes] = await source.fetchHeaders(Math.min(height, 110), 1, signal);
        const child = Buffer.alloc(80, 7);
        return [bytes as Uint8Array, child].slice(0, count);
      },
    };
    expect(await follow(forged, store)).toMatchObject({ verdict: 'wrong' });
    expect(await store.findTip()).toMatchObject({ height: 110 });
    expect((await follow(source, store)).verdict).toBe('agrees');
  });
});

describe('importing headers', () => {
  const importFile = (file: string, checkpoint?: string): Promise<unknown> =>
    importHeaders(database.dataSource, { file, network: 'devnet', checkpoint });

  const writeChain = async (): Promise<{ file: string; headers: readonly Uint8Array[] }> => {
    const { source } = await start('one');
    const headers = await fetchAll(source);
    const file = join(directory, 'headers.bin');
    writeFileSync(file, Buffer.concat(headers));
    return { file, headers };
  };

  it('takes a file, and once more without a change', async () => {
    const { file } = await writeChain();
    const seen: number[][] = [];
    const onProgress = (done: number, total: number): void => void seen.push([done, total]);
    const first = await importHeaders(database.dataSource, { file, network: 'devnet', onProgress });
    expect(first).toMatchObject({ headers: 111, known: 0, height: 110 });
    expect(seen.at(-1)).toEqual([111, 111]);
    expect(await importFile(file)).toMatchObject({ headers: 111, known: 111, height: 110 });
  });

  it('goes on where an interrupted file ended', async () => {
    const { file, headers } = await writeChain();
    truncateSync(file, 50 * 80 + 17);
    await expect(importFile(file)).rejects.toMatchObject({ offset: 50 * 80 });
    writeFileSync(file, Buffer.concat(headers));
    expect(await importFile(file)).toMatchObject({ height: 110 });
  });

  it('names the exact byte where a file stops being a chain', async () => {
    const { file, headers } = await writeChain();
    const broken = Buffer.concat(headers);
    // Its own hash changes with it, so either its work fails or the next header no longer links.
    broken.writeUInt8(broken.readUInt8(77 * 80 + 40) ^ 1, 77 * 80 + 40);
    writeFileSync(file, broken);
    const failure = await importFile(file).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(HeaderFileError);
    expect([77 * 80, 78 * 80]).toContain((failure as HeaderFileError).offset);
    expect(
      (await new HeaderStore(database.dataSource, 'devnet', findChainRoot('devnet', undefined)).findTip())?.height,
    ).toBe((failure as HeaderFileError).offset / 80 - 1);
  });

  it('starts anywhere with a checkpoint, and only with the right one', async () => {
    const { file, headers } = await writeChain();
    writeFileSync(file, Buffer.concat(headers.slice(100)));
    await expect(importFile(file)).rejects.toThrow(/--checkpoint/);
    await expect(importFile(file, `100:${'00'.repeat(32)}`)).rejects.toMatchObject({ offset: 0 });
    const hash = readHeader(headers[100] as Uint8Array)?.hash ?? '';
    expect(await importFile(file, `100:${hash}`)).toMatchObject({ headers: 11, height: 110 });
    const tracker = new ChainTrackerService(database.dataSource);
    const { merkleRoot } = readHeader(headers[105] as Uint8Array) ?? { merkleRoot: '' };
    expect(
      await tracker.judgeRoots([
        { height: 105, root: merkleRoot },
        { height: 99, root: merkleRoot },
      ]),
    ).toEqual(['OK', 'UNKNOWN']);
  });

  it('refuses an empty file', async () => {
    const file = join(directory, 'empty');
    appendFileSync(file, '');
    await expect(importFile(file)).rejects.toThrow(/empty/);
  });
});

import { networkParams, readHeader, writeHeader } from '#atomic-core';
import type { NetworkParams } from '#atomic-core';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { EntityManager } from 'typeorm';
import { insertHeaders } from './headers';
import type { HeaderInsertion } from './headers';
import { findHeader, findHeadersAt, findHeaderTip, listContestedRoots } from './headers-find';

const params: NetworkParams = networkParams.devnet;
const genesis = Buffer.from(params.genesis, 'hex');
const root = { height: 0, hash: readHeader(genesis)?.hash ?? '' };
const NOW = 1_800_000_000;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
}, 60_000);
afterEach(() => database.drop());

const hashOf = (bytes: Uint8Array): string => readHeader(bytes)?.hash ?? '';
const rootOf = (bytes: Uint8Array): string => readHeader(bytes)?.merkleRoot ?? '';

const mine = (parent: Uint8Array, salt: number): Uint8Array => {
  const time = (readHeader(parent)?.time ?? 0) + 600;
  for (let nonce = 0; ; nonce += 1) {
    const merkleRoot = salt.toString(16).padStart(64, '0');
    const bytes = writeHeader({ version: 1, prevHash: hashOf(parent), merkleRoot, time, bits: 0x207fffff, nonce });
    if (hashOf(bytes) < '7f') return bytes;
  }
};
const grow = (parent: Uint8Array, count: number, salt: number): Uint8Array[] => {
  const headers: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) headers.push(mine(headers.at(-1) ?? parent, salt + index));
  return headers;
};
const insert = (headers: readonly Uint8Array[]): Promise<HeaderInsertion> =>
  database.dataSource.transaction((manager: EntityManager) =>
    insertHeaders(manager, { params, headers, nowSeconds: NOW, root }),
  );

describe('insertHeaders', () => {
  it('keeps a chain from its root and names the tip and its median time', async () => {
    const chain = [genesis, ...grow(genesis, 20, 1)];
    const { accepted, tip, orphaned, fault } = await insert(chain);
    expect([accepted, orphaned, fault]).toEqual([21, [], undefined]);
    expect(tip).toMatchObject({ height: 20, hash: hashOf(chain[20] as Uint8Array), chainWork: 42n });
    expect(tip?.medianTimePast).toBe(readHeader(chain[15] as Uint8Array)?.time);
    expect((await findHeadersAt(database.dataSource, [3, 20, 21])).map(({ height }) => height)).toEqual([3, 20]);
  });

  it('takes the same headers again without a change', async () => {
    const chain = [genesis, ...grow(genesis, 3, 1)];
    await insert(chain);
    const again = await insert(chain);
    expect([again.accepted, again.orphaned, again.tip?.height]).toEqual([4, [], 3]);
  });

  it('stops at the first header that is wrong and keeps those before it', async () => {
    const chain = [genesis, ...grow(genesis, 5, 1)];
    const broken = Buffer.from(chain[3] as Uint8Array);
    broken.writeUInt32LE(0x203fffff, 72);
    const result = await insert([...chain.slice(0, 3), broken, ...chain.slice(4)]);
    expect(result).toMatchObject({ accepted: 3, fault: { index: 3 } });
    expect(result.tip?.height).toBe(2);
  });

  it('refuses a header whose parent is not known', async () => {
    const chain = grow(genesis, 3, 1);
    await insert([genesis]);
    expect(await insert(chain.slice(1))).toMatchObject({ accepted: 0, fault: { index: 0, fault: 'parent-unknown' } });
  });

  it('keeps the first seen of two equal branches and follows the one that grows', async () => {
    const first = grow(genesis, 4, 1);
    await insert([genesis, ...first]);
    const second = grow(first[0] as Uint8Array, 4, 100);
    const tied = await insert(second.slice(0, 3));
    expect([tied.tip?.hash, tied.orphaned]).toEqual([hashOf(first[3] as Uint8Array), []]);
    const claims = [
      { height: 3, root: 'ee'.repeat(32) },
      { height: 3, root: rootOf(second[1] as Uint8Array) },
      { height: 2, root: rootOf(second[0] as Uint8Array) },
      { height: 2, root: rootOf(second[1] as Uint8Array) },
      { height: 4, root: rootOf(first[3] as Uint8Array) },
    ];
    expect(await listContestedRoots(database.dataSource, claims)).toEqual([claims[1], claims[2], claims[4]]);
    expect(await listContestedRoots(database.dataSource, [])).toEqual([]);

    const overtaken = await insert(second.slice(3));
    expect(overtaken.tip).toMatchObject({ height: 5, hash: hashOf(second[3] as Uint8Array) });
    expect(overtaken.orphaned).toEqual(first.slice(1).reverse().map(hashOf));
    const best = await findHeadersAt(database.dataSource, [0, 1, 2, 3, 4, 5]);
    expect(best.map(({ hash }) => hash)).toEqual([genesis, first[0] as Uint8Array, ...second].map(hashOf));
    expect((await findHeader(database.dataSource, hashOf(first[3] as Uint8Array)))?.isBest).toBe(false);
    const past = [{ height: 3, root: rootOf(first[2] as Uint8Array) }];
    expect(await listContestedRoots(database.dataSource, past)).toEqual([]);
  });

  it('follows a shorter branch never, and back again when it outgrows', async () => {
    const first = grow(genesis, 6, 1);
    await insert([genesis, ...first]);
    const second = grow(genesis, 3, 100);
    expect((await insert(second)).tip?.hash).toBe(hashOf(first[5] as Uint8Array));
    const longer = grow(second[2] as Uint8Array, 5, 200);
    expect((await insert(longer)).orphaned).toHaveLength(6);
    const back = grow(first[5] as Uint8Array, 3, 300);
    expect((await insert(back)).tip).toMatchObject({ height: 9, hash: hashOf(back[2] as Uint8Array) });
    expect(await findHeadersAt(database.dataSource, [1, 2, 3, 4, 5, 6, 7, 8, 9])).toHaveLength(9);
  });

  it('lets many replicas insert at once and ends with one best chain', async () => {
    const chain = [genesis, ...grow(genesis, 30, 1)];
    const rival = grow(chain[10] as Uint8Array, 25, 500);
    await insert(chain.slice(0, 11));
    await Promise.all([chain.slice(11), rival, chain.slice(11), rival].map((headers) => insert(headers)));
    const tip = await findHeaderTip(database.dataSource);
    expect(tip?.hash).toBe(hashOf(rival[24] as Uint8Array));
    const heights = Array.from({ length: 36 }, (_, height) => height);
    const best = await findHeadersAt(database.dataSource, heights);
    expect(best).toHaveLength(36);
    for (const [index, { header }] of best.entries())
      if (index > 0) expect(header.prevHash).toBe(best[index - 1]?.hash);
  });

  it('cannot be undone by the application: headers are not changed or deleted', async () => {
    await insert([genesis]);
    await expect(database.dataSource.query('delete from portcullis.block_header')).rejects.toThrow(/permission denied/);
    await expect(database.dataSource.query('update portcullis.block_header set work = 1')).rejects.toThrow(
      /permission denied/,
    );
  });
});

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkProofOfWork, networkParams, readHeader } from '#atomic-core';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import { ChainTrackerService, importHeaders } from '../../src/chain';

interface BlockVector {
  readonly height: number;
  readonly blockHash: string;
  readonly header: string;
  readonly merkleRoot: string;
}

const file = join(__dirname, '../../../shared/vectors/block/mainnet-948351.json');
const present = existsSync(file);
if (!present && process.env['CI'] === 'true') throw new Error(`the vectors are missing: ${file}`);
if (!present) console.warn(`skipped, the vectors are missing: ${file}`);

(present ? describe : describe.skip)('mainnet block 948351', () => {
  const vector = present
    ? (JSON.parse(readFileSync(file, 'utf8')) as BlockVector)
    : { height: 0, blockHash: '', header: '', merkleRoot: '' };
  const bytes = Buffer.from(vector.header, 'hex');
  let database: TestDatabase;
  let directory: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    directory = mkdtempSync(join(tmpdir(), 'portcullis-headers-'));
    writeFileSync(join(directory, 'header'), bytes);
  }, 60_000);
  afterAll(async () => {
    await database.drop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('has the recorded hash and root, and its work', () => {
    const header = readHeader(bytes);
    if (!header) throw new Error('not 80 bytes');
    expect([header.hash, header.merkleRoot]).toEqual([vector.blockHash, vector.merkleRoot]);
    expect(checkProofOfWork(header, networkParams.mainnet)).toBe(true);
  });

  it('loses its work with any flipped bit', () => {
    for (let bit = 0; bit < 640; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const header = readHeader(flipped);
      expect(header && checkProofOfWork(header, networkParams.mainnet)).toBe(false);
    }
  });

  it('is refused without a checkpoint, and judges its root once imported with one', async () => {
    const order = { file: join(directory, 'header'), network: 'mainnet' as const };
    await expect(importHeaders(database.dataSource, order)).rejects.toThrow(/--checkpoint/);
    const checkpoint = `${vector.height}:${vector.blockHash}`;
    expect(await importHeaders(database.dataSource, { ...order, checkpoint })).toMatchObject({ height: vector.height });

    const tracker = new ChainTrackerService(database.dataSource);
    const verdicts = await tracker.judgeRoots([
      { height: vector.height, root: vector.merkleRoot },
      { height: vector.height, root: vector.blockHash },
      { height: vector.height - 1, root: vector.merkleRoot },
      { height: vector.height + 1, root: vector.merkleRoot },
    ]);
    expect(verdicts).toEqual(['OK', 'INVALID', 'UNKNOWN', 'UNKNOWN']);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHeader } from '#atomic-core';
import { DEVNET_GENESIS, mineHeader } from '../devnet/block';
import { checkHeaderFile, type CheckedChain } from './check-header-file';
import { HeaderFileError } from './read-header-file';

/** More than the reader takes at once and than the window of the rules, so that both are cut on the way. */
const LENGTH = 6_500;
const NOW = 1_800_000_000;

const hashOf = (header: Buffer | undefined): string => readHeader(header ?? Buffer.alloc(0))?.hash ?? '';

/** Ten minutes apart, each with a root of its own. */
const mineChain = (length: number): Buffer[] => {
  const headers: Buffer[] = [DEVNET_GENESIS];
  for (let height = 1; height < length; height += 1) {
    const root = Buffer.alloc(32);
    root.writeUInt32LE(height);
    const parent = headers[height - 1] ?? DEVNET_GENESIS;
    headers.push(mineHeader(hashOf(parent), root, parent.readUInt32LE(68) + 600));
  }
  return headers;
};

describe('checking a file of headers', () => {
  const headers = mineChain(LENGTH);
  let directory: string;
  let file: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'portcullis-headers-'));
    file = join(directory, 'headers.bin');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const check = (bytes: Buffer, checkpoint?: string, heights: readonly number[] = []): Promise<CheckedChain> => {
    writeFileSync(file, bytes);
    return checkHeaderFile({ file, network: 'devnet', checkpoint, heights: new Set(heights), nowSeconds: NOW });
  };

  it('answers the tip, its median time and the wanted blocks alone', async () => {
    const checked = await check(Buffer.concat(headers), undefined, [0, 4_000, LENGTH]);
    const last = readHeader(headers[LENGTH - 1] ?? Buffer.alloc(0));
    const tip = { height: LENGTH - 1, hash: last?.hash, medianTimePast: (last?.time ?? 0) - 5 * 600 };
    expect(checked).toMatchObject({ headers: LENGTH, tip });
    expect([...checked.blocks.keys()]).toEqual([0, 4_000]);
    const block = readHeader(headers[4_000] ?? Buffer.alloc(0));
    expect(checked.blocks.get(4_000)).toEqual({ hash: block?.hash, merkleRoot: block?.merkleRoot });
  });

  it('begins at a checkpoint, and only at the one that is named', async () => {
    const from = Buffer.concat(headers.slice(100, 120));
    const checked = await check(from, `100:${hashOf(headers[100])}`, [99, 119]);
    expect(checked.tip.height).toBe(119);
    expect([...checked.blocks.keys()]).toEqual([119]);
    await expect(check(from)).rejects.toThrow(/--checkpoint/);
    await expect(check(from, `100:${hashOf(headers[101])}`)).rejects.toMatchObject({ offset: 0 });
    await expect(check(from, 'a hundred')).rejects.toThrow(/height:hash/);
  });

  it('names the byte where the file stops being a chain', async () => {
    const missing = [...headers.slice(0, 50), ...headers.slice(51, 60)];
    await expect(check(Buffer.concat(missing))).rejects.toMatchObject({
      offset: 50 * 80,
      message: expect.stringContaining('linkage') as string,
    });
    const idle = Buffer.concat(headers.slice(0, 60));
    // The highest byte of the target: no hash that was mined is anywhere near the new one.
    idle.writeUInt8(0x10, 40 * 80 + 75);
    await expect(check(idle)).rejects.toMatchObject({
      offset: 40 * 80,
      message: expect.stringContaining('proof-of-work') as string,
    });
    const early = readHeader(headers[29] ?? Buffer.alloc(0));
    const old = mineHeader(early?.hash ?? '', Buffer.alloc(32), (early?.time ?? 0) - 6_000);
    await expect(check(Buffer.concat([...headers.slice(0, 30), old]))).rejects.toMatchObject({
      offset: 30 * 80,
      message: expect.stringContaining('time-too-old') as string,
    });
  });

  it('is not satisfied with a part of a file', async () => {
    await expect(check(Buffer.concat(headers).subarray(0, 20 * 80 + 17))).rejects.toMatchObject({ offset: 20 * 80 });
    await expect(check(Buffer.alloc(0))).rejects.toThrow(/empty/);
    await expect(check(Buffer.alloc(79))).rejects.toBeInstanceOf(HeaderFileError);
  });
});

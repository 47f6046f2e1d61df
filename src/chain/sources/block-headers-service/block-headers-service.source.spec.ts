import { networkParams, readHeader } from '#atomic-core';
import type { HttpClient, OutboundRequest } from '#ports';
import { createBlockHeadersServiceSource } from '.';

const { signal } = new AbortController();

/** Mainnet blocks 0 and 1 as the service prints them; no public service can be reached from here. */
const block0 = {
  hash: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
  version: 1,
  prevBlockHash: '0'.repeat(64),
  merkleRoot: '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b',
  creationTimestamp: 1231006505,
  difficultyTarget: 486604799,
  nonce: 2083236893,
  work: '4295032833',
};
const block1 = {
  hash: '00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048',
  version: 1,
  prevBlockHash: block0.hash,
  merkleRoot: '0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098',
  creationTimestamp: 1231469665,
  difficultyTarget: 486604799,
  nonce: 2573394689,
  work: '4295032833',
};

const ask = (
  body: unknown,
  seen: OutboundRequest[] = [],
  status = 200,
): ReturnType<typeof createBlockHeadersServiceSource> => {
  const http: HttpClient = {
    send: (request) => {
      seen.push(request);
      return Promise.resolve({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) });
    },
  };
  return createBlockHeadersServiceSource(http, { url: 'https://example.com', apiKey: 'token' });
};

describe('the Block Headers Service source', () => {
  it('reads the height of the longest tip', async () => {
    const seen: OutboundRequest[] = [];
    const answer = { header: block1, state: 'LONGEST_CHAIN', chainWork: '8590065666', height: 1 };
    expect(await ask(answer, seen).fetchTipHeight(signal)).toBe(1);
    expect(seen[0]).toMatchObject({
      url: 'https://example.com/api/v1/chain/tip/longest',
      headers: { authorization: 'Bearer token' },
    });
  });

  it('builds the 80 bytes from the fields', async () => {
    const seen: OutboundRequest[] = [];
    const headers = await ask([block0, block1], seen).fetchHeaders(0, 9999, signal);
    expect(Buffer.from(headers[0] ?? []).toString('hex')).toBe(networkParams.mainnet.genesis);
    expect(headers.map((bytes) => readHeader(bytes)?.hash)).toEqual([block0.hash, block1.hash]);
    expect(seen[0]?.url).toBe('https://example.com/api/v1/chain/header/byHeight?height=0&count=500');
  });

  it('leaves out stale blocks of the same heights', async () => {
    const stale = { ...block1, prevBlockHash: '11'.repeat(32), hash: '22'.repeat(32) };
    expect(await ask([block0, stale, block1]).fetchHeaders(0, 2, signal)).toHaveLength(2);
  });

  it.each([
    ['fields that do not hash to the hash', [{ ...block1, nonce: 1 }]],
    ['a hash that is none', [{ ...block1, hash: 'zz' }]],
    ['a field out of range', [{ ...block1, nonce: 2 ** 32 }]],
    ['no list', { error: 'x' }],
  ])('throws on %s', async (_, body) => {
    await expect(ask(body).fetchHeaders(1, 1, signal)).rejects.toThrow();
  });

  it('throws on an error status', async () => {
    await expect(ask('header not found', [], 400).fetchTipHeight(signal)).rejects.toThrow(/400/);
  });
});

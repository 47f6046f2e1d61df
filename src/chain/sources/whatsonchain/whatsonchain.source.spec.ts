import { networkParams, readHeader } from '#atomic-core';
import type { HttpClient, OutboundRequest } from '#ports';
import { createWhatsOnChainSource } from '.';

const { signal } = new AbortController();

/** Mainnet blocks 0 and 1 in the recorded shape; the public API cannot be reached from here. */
const answers: Readonly<Record<string, unknown>> = {
  '/block/0/header': {
    hash: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
    confirmations: 900000,
    height: 0,
    version: 1,
    versionHex: '00000001',
    merkleroot: '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b',
    time: 1231006505,
    nonce: 2083236893,
    bits: '1d00ffff',
    difficulty: 1,
    previousblockhash: '',
  },
  '/block/1/header': {
    hash: '00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048',
    confirmations: 899999,
    height: 1,
    version: 1,
    versionHex: '00000001',
    merkleroot: '0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098',
    time: 1231469665,
    nonce: 2573394689,
    bits: '1d00ffff',
    difficulty: 1,
    previousblockhash: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
  },
  '/block/headers': [{ height: 1 }, { height: 0 }],
};

const ask = (
  table: Readonly<Record<string, unknown>>,
  seen: OutboundRequest[] = [],
): ReturnType<typeof createWhatsOnChainSource> => {
  const http: HttpClient = {
    send: (request) => {
      seen.push(request);
      const body = table[request.url.replace('https://example.com/v1/bsv/main', '')];
      const status = body === undefined ? 404 : 200;
      return Promise.resolve({ status, headers: {}, body: Buffer.from(JSON.stringify(body ?? '')) });
    },
  };
  return createWhatsOnChainSource(http, { url: 'https://example.com/v1/bsv/main', apiKey: 'key' });
};

describe('the WhatsOnChain source', () => {
  it('reads the height of the newest header', async () => {
    const seen: OutboundRequest[] = [];
    expect(await ask(answers, seen).fetchTipHeight(signal)).toBe(1);
    expect(seen[0]?.headers).toEqual({ authorization: 'key' });
  });

  it('asks for one header at a time until there is none', async () => {
    const seen: OutboundRequest[] = [];
    const headers = await ask(answers, seen).fetchHeaders(0, 500, signal);
    expect(Buffer.from(headers[0] ?? []).toString('hex')).toBe(networkParams.mainnet.genesis);
    expect(headers.map((bytes) => readHeader(bytes)?.nonce)).toEqual([2083236893, 2573394689]);
    expect(seen).toHaveLength(3);
  });

  it('never asks for more than ten in a row', async () => {
    const seen: OutboundRequest[] = [];
    const endless = new Proxy(answers, { get: (table, path) => table[String(path)] ?? table['/block/1/header'] });
    expect(await ask(endless, seen).fetchHeaders(1, 500, signal)).toHaveLength(10);
    expect(seen).toHaveLength(10);
  });

  it.each([
    ['bits', '1d00fffe'],
    ['bits', 486604799],
    ['merkleroot', '00'],
    ['time', -1],
  ])('throws on a wrong %s', async (field, value) => {
    const table = { '/block/1/header': { ...(answers['/block/1/header'] as object), [field]: value } };
    await expect(ask(table).fetchHeaders(1, 1, signal)).rejects.toThrow();
  });
});

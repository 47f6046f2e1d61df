import { networkParams } from '#atomic-core';
import type { HttpClient, OutboundAnswer, OutboundRequest } from '#ports';
import { createChaintracksSource } from '.';

const { signal } = new AbortController();
const genesis = Buffer.from(networkParams.mainnet.genesis, 'hex');

/** Answers as go-chaintracks gives them; the public servers cannot be reached from here. */
const answering = (answer: Partial<OutboundAnswer>, seen: OutboundRequest[] = []): HttpClient => ({
  send: (request) => {
    seen.push(request);
    return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0), ...answer });
  },
});
const ask = (answer: Partial<OutboundAnswer>, seen?: OutboundRequest[]): ReturnType<typeof createChaintracksSource> =>
  createChaintracksSource(answering(answer, seen), { url: 'https://example.com/chaintracks/', apiKey: 'k' });

describe('the Chaintracks source', () => {
  it.each([
    ['bare', '{"version":1,"prevHash":"00","time":1,"height":948351,"hash":"00"}'],
    ['wrapped', '{"status":"success","value":{"height":948351}}'],
  ])('reads the tip height, %s', async (_, body) => {
    const seen: OutboundRequest[] = [];
    expect(await ask({ body: Buffer.from(body) }, seen).fetchTipHeight(signal)).toBe(948_351);
    expect(seen[0]).toMatchObject({
      url: 'https://example.com/chaintracks/v2/tip',
      headers: { authorization: 'Bearer k' },
    });
  });

  it('cuts headers out of the octets and asks for no more than it takes', async () => {
    const seen: OutboundRequest[] = [];
    const source = ask({ body: Buffer.concat([genesis, genesis]) }, seen);
    expect(await source.fetchHeaders(5, 1_000_000, signal)).toEqual([genesis, genesis]);
    expect(seen[0]).toMatchObject({ url: 'https://example.com/chaintracks/v2/headers?height=5&count=2000' });
    expect(seen[0]?.answerBytesMax).toBe(160_000);
  });

  it.each<[string, Partial<OutboundAnswer>]>([
    ['an error status', { status: 503 }],
    ['half a header', { body: genesis.subarray(1) }],
  ])('throws on %s', async (_, answer) => {
    await expect(ask(answer).fetchHeaders(0, 1, signal)).rejects.toThrow();
  });

  it.each(['', 'null', '{"height":-1}', '{"height":"9"}', '<html>'])('throws on the tip %j', async (body) => {
    await expect(ask({ body: Buffer.from(body) }).fetchTipHeight(signal)).rejects.toThrow();
  });
});

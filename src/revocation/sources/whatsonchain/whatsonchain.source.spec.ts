import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RevocationAnswer } from '#ports';
import { buildEgressPolicy, PinnedHttpClient } from '../../../egress';
import { createWhatsOnChainRevocationSource } from '.';

const TXID = 'ab'.repeat(32);
const SPENDER = 'cd'.repeat(32);
const { signal } = new AbortController();

type Reply = readonly [status: number, body: string] | 'hang up';
let server: Server;
let url: string;
let output: Reply;
let spent: Reply;
let asked: string[];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`.trim());
    const reply = request.url?.endsWith('/spent') ? spent : output;
    if (reply === 'hang up') return void request.socket.destroy();
    response.writeHead(reply[0]).end(reply[1]);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1/bsv/main`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  [output, spent, asked] = [[200, '76a914'], [404, 'Not Found'], []];
});

const ask = (apiKey?: string): Promise<RevocationAnswer> =>
  createWhatsOnChainRevocationSource(new PinnedHttpClient(buildEgressPolicy([url])), {
    url,
    ...(apiKey !== undefined && { apiKey }),
  }).findRevocation({ txid: TXID, vout: 3 }, signal);

it('says good of an output that exists and that nobody spends, having asked for both with its key', async () => {
  const before = Date.now();
  const answer = await ask('key');
  expect(answer).toEqual({ state: 'good', asOfMs: expect.any(Number) });
  expect((answer as { asOfMs: number }).asOfMs).toBeGreaterThanOrEqual(before);
  expect(asked).toEqual([`/v1/bsv/main/tx/${TXID}/out/3/hex key`, `/v1/bsv/main/tx/${TXID}/3/spent key`]);
});

it('says who spends it', async () => {
  spent = [200, JSON.stringify({ txid: SPENDER, vin: 0, status: 'confirmed' })];
  expect(await ask()).toEqual({ state: 'revoked', spenderTxid: SPENDER });
});

it.each<[string, () => void]>([
  ['an output that it does not know, which nobody spends either', () => (output = [404, 'Not Found'])],
  ['an error', () => (output = [500, 'x'])],
  ['an error about the spend', () => (spent = [503, 'x'])],
  ['too many questions', () => (spent = [429, 'x'])],
  ['a spender that is no txid', () => (spent = [200, '{"txid":"x"}'])],
  ['a spend that is no JSON', () => (spent = [200, '<html>'])],
  ['an output that is no script', () => (output = [200, '<html>'])],
  ['an answer without end', () => (output = [200, 'ab'.repeat(50_000)])],
  ['a connection that breaks', () => (spent = 'hang up')],
])('does not know after %s', async (_what, arrange) => {
  arrange();
  expect(await ask()).toMatchObject({ state: 'unknown' });
});

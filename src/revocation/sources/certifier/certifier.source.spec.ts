import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openGatewayKeys, writeRevocationStatus, writeStatusJson, type RevocationStatus } from '#atomic-core';
import type { RevocationAnswer } from '#ports';
import { buildEgressPolicy, PinnedHttpClient } from '../../../egress';
import { createCertifierRevocationSource } from '.';

const TXID = 'ab'.repeat(32);
const SPENDER = 'cd'.repeat(32);
const keys = openGatewayKeys('11'.repeat(32));
const certifier = keys.identityKey;
const { signal } = new AbortController();

let server: Server;
let url: string;
let reply: readonly [status: number, body: string] | 'hang up';
let asked: string[];

const at = (pastMs: number): string => new Date(Date.now() - pastMs).toISOString();
const sign = (change: Partial<RevocationStatus> = {}): string => {
  const status: RevocationStatus = {
    ...{ certifier, outpoint: `${TXID}.3`, state: 'good', spenderTxid: undefined },
    ...{ asOf: at(9_000), issuedAt: at(1_000), validUntil: at(-60_000) },
    ...change,
  };
  const signature = Buffer.from(keys.signRevocationStatus(writeRevocationStatus(status))).toString('hex');
  return JSON.stringify({ status: writeStatusJson(status), signature });
};

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (reply === 'hang up') return void request.socket.destroy();
    response.writeHead(reply[0]).end(reply[1]);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  [reply, asked] = [[200, sign()], []];
});

const other = openGatewayKeys('22'.repeat(32)).identityKey;
const ask = (...of: readonly string[]): Promise<RevocationAnswer> =>
  createCertifierRevocationSource(new PinnedHttpClient(buildEgressPolicy([url])), { url, certifier }).findRevocation(
    { txid: TXID, vout: 3, certifiers: of.length === 0 ? [certifier] : of },
    signal,
  );

it('says good as of when the certifier last knew', async () => {
  const answer = await ask();
  expect(answer).toMatchObject({ state: 'good' });
  expect(Date.now() - (answer as { asOfMs: number }).asOfMs).toBeGreaterThanOrEqual(9_000);
  expect(asked).toEqual([`/certificate-status/${TXID}.3`]);
});

it('says who spends it', async () => {
  reply = [200, sign({ state: 'revoked', spenderTxid: SPENDER })];
  expect(await ask()).toEqual({ state: 'revoked', spenderTxid: SPENDER });
});

it('is heard beside another certifier when it revokes, and not when it vouches: that would be for certificates of the other', async () => {
  expect(await ask(other, certifier)).toMatchObject({
    state: 'unknown',
    detail: 'certificates of others name it, too',
  });
  reply = [200, sign({ state: 'revoked', spenderTxid: SPENDER })];
  expect(await ask(other, certifier)).toEqual({ state: 'revoked', spenderTxid: SPENDER });
});

it('says nothing of what another certifier issued, or of what nobody knows who did, and does not ask', async () => {
  expect(await ask(other)).toMatchObject({ state: 'unknown' });
  const source = createCertifierRevocationSource(new PinnedHttpClient(buildEgressPolicy([url])), { url, certifier });
  expect(await source.findRevocation({ txid: TXID, vout: 3 }, signal)).toMatchObject({ state: 'unknown' });
  expect(asked).toEqual([]);
});

it.each<[string, () => void]>([
  ['an error', () => (reply = [500, 'x'])],
  ['a certificate that it does not know', () => (reply = [404, '{}'])],
  ['a page', () => (reply = [200, '<html>'])],
  ['a statement that has run out, replayed', () => (reply = [200, sign({ validUntil: at(1) })])],
  ['a statement about another', () => (reply = [200, sign({ outpoint: `${TXID}.4` })])],
  ['a redirect', () => (reply = [302, sign()])],
  ['more than a statement takes', () => (reply = [200, `${sign()}${' '.repeat(9_000)}`])],
  ['a line that is cut', () => (reply = 'hang up')],
])('knows nothing after %s', async (_what, set) => {
  set();
  expect(await ask()).toMatchObject({ state: 'unknown' });
});

import { appendFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ARC, MerklePath, Transaction } from '@bsv/sdk';
import {
  fund,
  makeDirectory,
  order,
  rootAt,
  send,
  spend,
  start,
  statusOf,
  stopAll,
  submit,
  type Status,
} from './devnet-rig';

const servers: Server[] = [];
afterEach(async () => {
  await stopAll();
  for (const server of servers.splice(0)) server.close();
});

describe('callbacks of the development network', () => {
  const receive = async (
    statuses: number[],
  ): Promise<{ url: string; wait: (count: number) => Promise<[IncomingHttpHeaders, Status][]> }> => {
    const received: [IncomingHttpHeaders, Status][] = [];
    let wake = (): void => undefined;
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        received.push([request.headers, JSON.parse(text) as Status]);
        response.writeHead(statuses.shift() ?? 200).end('{}');
        wake();
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const wait = async (count: number): Promise<[IncomingHttpHeaders, Status][]> => {
      while (received.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return received;
    };
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`, wait };
  };

  it('carry the token and the BUMP, and are repeated until taken', async () => {
    const { url } = await start();
    const receiver = await receive([500, 503]);
    const transaction = await spend(Transaction.fromHex((await fund(url)).rawTx), 9_000);
    const arc = new ARC(`${url}/arc`, { callbackUrl: receiver.url, callbackToken: 'secret' });
    await transaction.broadcast(arc);
    await order(url, 'mine');
    const received = await receiver.wait(3);
    expect(received.map(([headers, body]) => [headers.authorization, body.txStatus])).toEqual(
      Array.from({ length: 3 }, () => ['Bearer secret', 'MINED']),
    );
    const { merklePath, txid, blockHeight } = (received[2] as [IncomingHttpHeaders, Status])[1];
    expect(MerklePath.fromHex(merklePath).computeRoot(txid)).toBe(await rootAt(url, blockHeight));
  });

  it('report every status when asked, and obey ordered faults', async () => {
    const { url } = await start();
    const receiver = await receive([]);
    const transaction = await spend(Transaction.fromHex((await fund(url)).rawTx), 9_000);
    await submit(url, transaction.toHexEF(), { 'x-callbackurl': receiver.url, 'x-fullstatusupdates': 'true' });
    await order(url, 'faults', [
      { on: 'callback', kind: 'duplicate' },
      { on: 'callback', kind: 'wrong-merkle-path' },
    ]);
    await order(url, 'mine');
    await order(url, 'reorg', { depth: 1 });
    const bodies = (await receiver.wait(4)).map(([, body]) => body);
    expect(new Set(bodies.slice(0, 3).map(({ blockHash }) => blockHash)).size).toBe(1);
    const { merklePath, txid, blockHeight } = bodies[3] as Status;
    expect(MerklePath.fromHex(merklePath).computeRoot(txid)).not.toBe(await rootAt(url, blockHeight));
  });

  it('go to this machine only', async () => {
    const { url } = await start();
    const answer = await send(url, '00', { 'x-callbackurl': 'http://198.51.100.7/steal' });
    expect(answer.status).toBe(400);
  });
});

describe('orders to the development network', () => {
  const askAs = (url: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const asking = httpRequest(`${url}/admin/mine`, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asking.on('error', reject);
      asking.end();
    });

  it('are refused to a page of another site, rebound name or not', async () => {
    const { url } = await start();
    expect(await askAs(url, {})).toBe(200);
    expect(await askAs(url, { host: 'evil.example' })).toBe(403);
    expect(await askAs(url, { origin: 'http://evil.example' })).toBe(403);
    expect(await askAs(url, { origin: 'null' })).toBe(403);
    expect(await askAs(url, { host: 'localhost.evil.example:8090' })).toBe(403);
  });

  it.each([
    ['reorg', { depth: 0 }],
    ['reorg', { depth: 1e9 }],
    ['mine', { blocks: -1 }],
    ['fund', { satoshis: 1 }],
    ['fund', { address: 'nonsense', satoshis: 1 }],
    ['faults', { on: 'moon', kind: 'delay' }],
    ['reject', { txid: '00' }],
  ])('that make no sense are refused: %s %j', async (path, body) => {
    const { url } = await start();
    await expect(order(url, path, body)).rejects.toThrow(/^400/);
  });

  it('make it lie, fail and stay silent as told', async () => {
    const { url } = await start();
    const transaction = await spend(Transaction.fromHex((await fund(url)).rawTx), 9_000);
    const hex = transaction.toHexEF();
    await order(url, 'faults', [
      { on: 'submit', kind: 'status', status: 503 },
      { on: 'submit', kind: 'rejected' },
      { on: 'submit', kind: 'garbage' },
      { on: 'submit', kind: 'drop' },
      { on: 'submit', kind: 'drop-answer' },
      { on: 'submit', kind: 'wrong-txid' },
      { on: 'submit', kind: 'answer', status: 466, body: { status: 466 } },
    ]);
    expect((await send(url, hex)).status).toBe(503);
    expect((await submit(url, hex)).txStatus).toBe('REJECTED');
    await expect(submit(url, hex)).rejects.toThrow();
    await expect(send(url, hex)).rejects.toThrow();
    expect((await statusOf(url, transaction.id('hex'))).status).toBe(404);
    await expect(send(url, hex)).rejects.toThrow();
    expect((await statusOf(url, transaction.id('hex'))).txStatus).toBe('SEEN_ON_NETWORK');
    expect((await submit(url, hex)).txid).toBe('de'.repeat(32));
    expect((await send(url, hex)).status).toBe(466);
    expect(await submit(url, hex)).toMatchObject({ txid: transaction.id('hex'), txStatus: 'SEEN_ON_NETWORK' });
  });

  it('show a page that says what this is', async () => {
    const { url } = await start();
    expect(await (await fetch(url)).text()).toContain('This is a Portcullis development network');
  });
});

describe('the chain of the development network', () => {
  it('is read back whole after a write that was cut short', async () => {
    const dataDir = makeDirectory();
    const first = await start(dataDir);
    const grant = await fund(first.url);
    const transaction = await spend(Transaction.fromHex(grant.rawTx), 9_000);
    await submit(first.url, transaction.toHexEF());
    const { hash } = await order<{ hash: string }>(first.url, 'state', undefined, 'GET');
    // Not closed: the second instance reads what is on disk at this moment, after a record that was cut short.
    appendFileSync(join(dataDir, 'chain.jsonl'), '{"kind":"blocks","depth":0,"for');
    const second = await start(dataDir);
    expect(await order(second.url, 'state', undefined, 'GET')).toMatchObject({
      hash,
      mempool: [transaction.id('hex')],
    });
    await order(second.url, 'mine');
    expect((await statusOf(second.url, transaction.id('hex'))).txStatus).toBe('MINED');
  });
});

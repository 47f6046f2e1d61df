import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARC, Beef, MerklePath, P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import { type Devnet, startDevnet } from './start-devnet';

interface Grant {
  txid: string;
  vout: number;
  rawTx: string;
  beef: string;
  blockHeight: number;
}
interface Status {
  txid: string;
  txStatus: string;
  status: number;
  blockHash: string;
  blockHeight: number;
  merklePath: string;
  competingTxs: string[] | null;
  extraInfo: string;
}

const key = PrivateKey.fromHex('11'.repeat(32));
const directories: string[] = [];
const devnets: Devnet[] = [];
const servers: Server[] = [];

const makeDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-devnet-'));
  directories.push(directory);
  return directory;
};
const start = async (dataDir = makeDirectory()): Promise<Devnet> => {
  const devnet = await startDevnet({ port: 0, dataDir });
  devnets.push(devnet);
  return devnet;
};
const order = async <T>(url: string, path: string, body?: unknown, method = 'POST'): Promise<T> => {
  const answer = await fetch(`${url}/admin/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const value = (await answer.json()) as T;
  if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(value)}`);
  return value;
};
const fund = (url: string, satoshis = 10_000): Promise<Grant> =>
  order(url, 'fund', { address: key.toAddress(), satoshis });
const statusOf = async (url: string, txid: string): Promise<Status> =>
  (await (await fetch(`${url}/arc/v1/tx/${txid}`)).json()) as Status;
const rootAt = async (url: string, height: number): Promise<string> => {
  const answer = await fetch(`${url}/chaintracks/v2/headers?height=${height}&count=1`);
  const header = Buffer.from(await answer.arrayBuffer());
  return header.subarray(36, 68).reverse().toString('hex');
};
const send = (url: string, hex: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/arc/v1/tx`, { method: 'POST', headers: { 'content-type': 'text/plain', ...headers }, body: hex });
const submit = async (url: string, hex: string, headers: Record<string, string> = {}): Promise<Status> =>
  (await (await send(url, hex, headers)).json()) as Status;

/** Spends output 0 of `source`; the fee is what `satoshis` leaves. */
const spend = async (source: Transaction, satoshis: number, signer = key): Promise<Transaction> => {
  const transaction = new Transaction();
  transaction.addInput({
    sourceTransaction: source,
    sourceOutputIndex: 0,
    unlockingScriptTemplate: new P2PKH().unlock(signer),
  });
  transaction.addP2PKHOutput(key.toAddress(), satoshis);
  await transaction.sign();
  return transaction;
};

afterEach(async () => {
  await Promise.all(devnets.splice(0).map((devnet) => devnet.close()));
  for (const server of servers.splice(0)) server.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe('the development network', () => {
  it('funds with a proven Atomic BEEF that the SDK verifies against the served headers', async () => {
    const { url } = await start();
    const grant = await fund(url);
    const chainTracker = {
      currentHeight: () => Promise.resolve(grant.blockHeight),
      isValidRootForHeight: async (root: string, height: number) => root === (await rootAt(url, height)),
    };
    const beef = Beef.fromString(grant.beef, 'hex');
    expect(beef.atomicTxid).toBe(grant.txid);
    expect(await beef.verify(chainTracker)).toBe(true);
    expect(await Transaction.fromAtomicBEEF([...Buffer.from(grant.beef, 'hex')]).verify(chainTracker)).toBe(true);
  });

  it('takes a transaction from the unmodified ARC class and proves it once mined', async () => {
    const { url } = await start();
    const transaction = await spend(Transaction.fromHex((await fund(url)).rawTx), 9_000);
    const answer = await transaction.broadcast(new ARC(`${url}/arc`));
    expect(answer).toMatchObject({ status: 'success', txid: transaction.id('hex') });
    expect((await statusOf(url, transaction.id('hex'))).txStatus).toBe('SEEN_ON_NETWORK');

    await order(url, 'mine', { blocks: 2 });
    const mined = await statusOf(url, transaction.id('hex'));
    expect(mined.txStatus).toBe('MINED');
    const path = MerklePath.fromHex(mined.merklePath);
    expect(path.blockHeight).toBe(mined.blockHeight);
    expect(path.computeRoot(transaction.id('hex'))).toBe(await rootAt(url, mined.blockHeight));
  });

  it('proves every transaction of blocks of many shapes', async () => {
    const { url } = await start();
    for (const count of [1, 2, 3, 4, 6]) {
      const grants = [];
      for (let index = 0; index < count; index += 1) grants.push(await fund(url));
      const txids: string[] = [];
      for (const grant of grants)
        txids.push((await submit(url, (await spend(Transaction.fromHex(grant.rawTx), 9_000)).toHexEF())).txid);
      await order(url, 'mine');
      for (const txid of txids) {
        const { merklePath, blockHeight } = await statusOf(url, txid);
        expect(MerklePath.fromHex(merklePath).computeRoot(txid)).toBe(await rootAt(url, blockHeight));
      }
    }
  });

  it('takes raw, Extended Format and BEEF as text, JSON and octets', async () => {
    const { url } = await start();
    const forms: [string, (transaction: Transaction) => string | Uint8Array][] = [
      ['text/plain', (transaction) => transaction.toHex()],
      ['text/plain', (transaction) => transaction.toHexEF()],
      ['application/json', (transaction) => JSON.stringify({ rawTx: transaction.toHexEF() })],
      ['application/octet-stream', (transaction) => new Uint8Array(transaction.toEF())],
      ['application/octet-stream', (transaction) => new Uint8Array(transaction.toBinary())],
      ['application/octet-stream', (transaction) => new Uint8Array(transaction.toBEEF())],
      ['application/json', (transaction) => JSON.stringify({ rawTx: transaction.toHexAtomicBEEF() })],
    ];
    for (const [type, encode] of forms) {
      const grant = await fund(url);
      const transaction = await spend(Transaction.fromHexBEEF(grant.beef), 9_000);
      const headers = { 'content-type': type };
      const answer = await fetch(`${url}/arc/v1/tx`, { method: 'POST', headers, body: encode(transaction) });
      expect([answer.status, ((await answer.json()) as Status).txStatus]).toEqual([200, 'SEEN_ON_NETWORK']);
    }
  });

  it('reports a double spend as attempted, and as rejected once the other is mined', async () => {
    const { url } = await start();
    const source = Transaction.fromHex((await fund(url)).rawTx);
    const first = await spend(source, 9_000);
    const second = await spend(source, 8_000);
    await submit(url, first.toHexEF());
    const contested = await submit(url, second.toHexEF());
    expect([contested.status, contested.txStatus]).toEqual([200, 'DOUBLE_SPEND_ATTEMPTED']);
    expect(contested.competingTxs).toEqual([first.id('hex')]);
    await order(url, 'mine');
    expect((await statusOf(url, second.id('hex'))).txStatus).toBe('REJECTED');
    const third = await spend(source, 7_000);
    expect((await submit(url, third.toHexEF())).txStatus).toBe('REJECTED');
    expect(await third.broadcast(new ARC(`${url}/arc`))).toMatchObject({ status: 'error', code: 'REJECTED' });
  });

  it.each<[number, string, (source: Transaction) => Promise<string>]>([
    [461, 'a wrong key', async (source) => (await spend(source, 9_000, PrivateKey.fromHex('22'.repeat(32)))).toHexEF()],
    [462, 'outputs above inputs', async (source) => (await spend(source, 10_001)).toHexEF()],
    [465, 'no fee', async (source) => (await spend(source, 10_000)).toHexEF()],
    [463, 'truncated bytes', async (source) => (await spend(source, 9_000)).toHexEF().slice(0, -2)],
    [463, 'trailing bytes', async (source) => `${(await spend(source, 9_000)).toHex()}00`],
    [400, 'no hexadecimal', () => Promise.resolve('zz')],
    [460, 'a raw child without its parent', async (source) => (await spend(await spend(source, 9_000), 8_000)).toHex()],
    [468, 'a broken BEEF', () => Promise.resolve('0200beef0001')],
  ])('answers %i to %s', async (status, _, build) => {
    const { url } = await start();
    const answer = await send(url, await build(Transaction.fromHex((await fund(url)).rawTx)));
    expect([answer.status, ((await answer.json()) as Status).status]).toEqual([status, status]);
  });

  it('keeps an extended child as an orphan until its parent arrives', async () => {
    const { url } = await start();
    const parent = await spend(Transaction.fromHex((await fund(url)).rawTx), 9_000);
    const child = await spend(parent, 8_000);
    expect((await submit(url, child.toHexEF())).txStatus).toBe('SEEN_IN_ORPHAN_MEMPOOL');
    expect((await submit(url, parent.toHexEF())).txStatus).toBe('SEEN_ON_NETWORK');
    expect((await statusOf(url, child.id('hex'))).txStatus).toBe('SEEN_ON_NETWORK');
  });

  it('reorganises to a heavier branch that keeps, returns or drops the transactions', async () => {
    const { url } = await start();
    const fates = [
      ['include', 'MINED'],
      ['mempool', 'MINED_IN_STALE_BLOCK'],
      ['drop', undefined],
    ] as const;
    for (const [fate, expected] of fates) {
      const transaction = await spend(Transaction.fromHex((await fund(url)).rawTx), 9_000);
      await submit(url, transaction.toHexEF());
      await order(url, 'mine', { blocks: 2 });
      const before = await statusOf(url, transaction.id('hex'));
      const { height } = await order<{ height: number }>(url, 'state', undefined, 'GET');
      const after = await order<{ height: number; orphaned: string[] }>(url, 'reorg', { depth: 2, transactions: fate });
      expect(after.height).toBe(height + 1);
      expect(after.orphaned).toContain(before.blockHash);
      const now = await statusOf(url, transaction.id('hex'));
      expect(now.txStatus).toBe(expected);
      if (fate === 'include') {
        expect(now.blockHash).not.toBe(before.blockHash);
        expect(MerklePath.fromHex(now.merklePath).computeRoot(now.txid)).toBe(await rootAt(url, now.blockHeight));
      }
    }
  });

  it('rejects by order, with everything built on it, for good', async () => {
    const { url } = await start();
    const parent = await spend(Transaction.fromHex((await fund(url)).rawTx), 9_000);
    const child = await spend(parent, 8_000);
    await submit(url, parent.toHexEF());
    await submit(url, child.toHexEF());
    await order(url, 'reject', { txid: parent.id('hex') });
    expect((await statusOf(url, child.id('hex'))).txStatus).toBe('REJECTED');
    expect((await submit(url, parent.toHexEF())).txStatus).toBe('REJECTED');
  });
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
  it('survives kill -9 in the middle of a write', async () => {
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

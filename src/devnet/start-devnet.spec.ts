import { ARC, Beef, MerklePath, PrivateKey, Transaction } from '@bsv/sdk';
import { fund, order, rootAt, send, spend, start, statusOf, stopAll, submit, type Status } from './devnet-rig';

afterEach(stopAll);

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

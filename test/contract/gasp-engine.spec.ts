import { GASP, LogLevel, type GASPNode, type GASPNodeResponse, type GASPRemote, type GASPStorage } from '@bsv/gasp';
import { MerklePath, Transaction, UnlockingScript, type ChainTracker } from '@bsv/sdk';
import { fundWalletFromDevnet, waitUntil } from '#testkit';
import { CHAIN, checkLedger, Follower, HOSTS_CHAIN, linkScript, picture, submitLink, type Link } from './gasp-rig';
import { StockEngine, trackChain } from './stock-engine';
import { SubmissionsRig, type Caller } from './submissions-rig';

jest.setTimeout(240_000);

/** One for each link, but for the first, which the caller's own coin pays. */
const COINS = 9;

/** The next link of a chain that pays for itself: it spends the link before it and nothing else. */
const forgeHeir = async (before: Link): Promise<Link> => {
  const sourceTransaction = Transaction.fromAtomicBEEF([...before.beef]);
  const transaction = new Transaction();
  transaction.addInput({ sourceTransaction, sourceOutputIndex: 0, unlockingScript: new UnlockingScript() });
  const satoshis = (sourceTransaction.outputs[0]?.satoshis ?? 0) - 50;
  const number = before.number + 1;
  transaction.addOutput({ satoshis, lockingScript: linkScript(number) });
  return { beef: Uint8Array.from(transaction.toAtomicBEEF()), txid: transaction.id('hex'), number };
};

const plainRemote = (url: string): GASPRemote => {
  const post = async (path: string, question: unknown): Promise<never> => {
    const headers = { 'content-type': 'application/json', 'x-bsv-topic': CHAIN };
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(question) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return (await answer.json()) as never;
  };
  const refuse = (): Promise<never> => Promise.reject(new Error('It only fetches.'));
  return {
    getInitialResponse: (request) => post('/requestSyncResponse', request),
    requestNode: (graphID, txid, outputIndex, metadata) =>
      post('/requestForeignGASPNode', { graphID, txid, outputIndex, metadata }),
    getInitialReply: refuse,
    submitNode: refuse,
  };
};

/** The storage of a follower that is no overlay: it takes what is sound down to proven transactions. */
class PlainStorage implements GASPStorage {
  readonly taken: string[] = [];
  private readonly nodes = new Map<string, GASPNode>();

  constructor(private readonly chain: ChainTracker) {}

  findKnownUTXOs = (): Promise<[]> => Promise.resolve([]);
  hydrateGASPNode = (): Promise<never> => Promise.reject(new Error('It only fetches.'));
  discardGraph = (): Promise<void> => Promise.resolve();

  async appendToGraph(node: GASPNode): Promise<void> {
    this.nodes.set(Transaction.fromHex(node.rawTx).id('hex'), node);
  }

  async findNeededInputs({ rawTx, proof }: GASPNode): Promise<GASPNodeResponse | undefined> {
    if (proof !== undefined) return undefined;
    const outpoints = Transaction.fromHex(rawTx).inputs.map(
      (input) => `${input.sourceTXID}.${input.sourceOutputIndex}`,
    );
    return { requestedInputs: Object.fromEntries(outpoints.map((outpoint) => [outpoint, { metadata: false }])) };
  }

  async validateGraphAnchor(graphID: string): Promise<void> {
    const tip = this.link(graphID.slice(0, 64));
    if (!(await tip.verify(this.chain))) throw new Error('The graph does not reach the chain.');
  }

  async finalizeGraph(graphID: string): Promise<void> {
    this.taken.push(graphID);
  }

  private link(txid: string): Transaction {
    const { rawTx, proof } = this.nodes.get(txid) ?? { rawTx: '' };
    const transaction = Transaction.fromHex(rawTx);
    if (proof !== undefined) transaction.merklePath = MerklePath.fromHex(proof);
    else for (const input of transaction.inputs) input.sourceTransaction = this.link(input.sourceTXID ?? '');
    return transaction;
  }
}

describe('GASP between a gateway and what others run', () => {
  let first: SubmissionsRig;
  let caller: Caller;
  let chain: ChainTracker;
  let stock: StockEngine;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    first = await SubmissionsRig.open(HOSTS_CHAIN);
    closing.push(() => first.close());
    caller = await first.openCaller();
    // No link rests on the change of another: where a graph reaches one transaction by two ways, an Engine (0.4.6) submits that one before its parents, and
    // later takes it for a duplicate. The last test shows such a graph to a plain GASP instead.
    for (let coin = 0; coin < COINS; coin += 1) await fundWalletFromDevnet(caller.wallet, first.devnet.url, 5_000);
    await first.mine();
    chain = trackChain(first.devnet.url);
    stock = new StockEngine(chain, [first.url]);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  it('lets an Engine of @bsv/overlay follow it, with history that is proven and history that is not', async () => {
    const tips: Link[] = [];
    for (let place = 0; place < 3; place += 1) tips.push(await submitLink(caller));
    for (let place = 0; place < 3; place += 1) tips[place] = await submitLink(caller, tips[place]);
    await first.mineUntilProven();
    for (let place = 0; place < 2; place += 1) tips[place] = await submitLink(caller, tips[place]);
    const { unspent, retained } = await picture(first.database);
    await stock.engine.startGASPSync();
    expect(unspent).toHaveLength(3);
    expect(stock.print('unspent')).toEqual([...unspent].sort());
    expect(stock.print('retained')).toEqual([...retained].sort());
  });

  it('gives an Engine that comes again what is new, and nothing twice', async () => {
    const { txid } = await submitLink(caller);
    await stock.engine.startGASPSync();
    expect(stock.print('unspent')).toEqual([...(await picture(first.database)).unspent].sort());
    expect(stock.print('unspent')).toContain(`${txid}.0`);
  });

  it('follows an Engine by the routes of overlay-express', async () => {
    const host = new StockEngine(chain);
    const script = linkScript(0).toHex();
    const { tx, txid } = await caller.wallet.createAction({
      description: 'forge a link that pays for its heirs',
      outputs: [{ satoshis: 1_000, lockingScript: script, outputDescription: 'a link' }],
    });
    let link: Link = { beef: Uint8Array.from(tx ?? []), txid: txid ?? '', number: 0 };
    for (let number = 0; number < 4; number += 1) {
      if (number > 0) link = await forgeHeir(link);
      await host.engine.submit({ beef: [...link.beef], topics: [CHAIN] }, undefined, 'historical-tx');
    }
    expect(host.print('unspent')).toEqual([`${link.txid}.0`]);
    const url = await host.listen();
    closing.push(() => host.close());
    const second = await Follower.open(first, { gaspPeers: { [CHAIN]: [url] } });
    closing.push(() => second.close());
    // A history is applied transaction by transaction, the tip last.
    await waitUntil('the tip of the Engine is here', async () =>
      (await picture(second.database)).unspent.includes(`${link.txid}.0`),
    );
    const { unspent, retained } = await picture(second.database);
    expect(unspent).toEqual(host.print('unspent'));
    expect([...retained].sort()).toEqual(host.print('retained'));
    await checkLedger(second.database);
  });

  it('gives a plain GASP of @bsv/gasp graphs in which one transaction is a parent twice', async () => {
    const other = await first.openCaller();
    let link = await submitLink(other);
    for (let number = 1; number < 4; number += 1) link = await submitLink(other, link);
    const storage = new PlainStorage(chain);
    await new GASP(storage, plainRemote(first.url), 0, '', false, true, LogLevel.NONE).sync(first.url);
    const { unspent } = await picture(first.database);
    expect(unspent).toContain(`${link.txid}.0`);
    expect([...storage.taken].sort()).toEqual([...unspent].sort());
  });
});

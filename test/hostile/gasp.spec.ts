import { Transaction } from '@bsv/sdk';
import { waitUntil } from '#testkit';
import {
  CHAIN,
  checkLedger,
  Follower,
  forgeLink,
  HOSTS_CHAIN,
  linkScript,
  submitLink,
  waitForSame,
  type Link,
} from '../contract/gasp-rig';
import { SubmissionsRig, type Caller } from '../contract/submissions-rig';
import { holdBeef, LyingHost, type Held, type Lie } from './lying-host';

jest.setTimeout(300_000);

/** A BUMP of one leaf: a block that holds nothing but this transaction, whose root is therefore its id. */
const proveAlone = (txid: string, height: number): string =>
  `${height.toString(16).padStart(2, '0')}01010002${Buffer.from(txid, 'hex').reverse().toString('hex')}`;

interface Case {
  readonly name: string;
  readonly link: Link;
  readonly held: ReadonlyMap<string, Held>;
  readonly lie: Lie;
  /** In what is remembered of the host, or in the log of the one output. */
  readonly fault: RegExp;
}

describe('hosts that lie to a gateway that follows them', () => {
  let first: SubmissionsRig;
  let second: Follower;
  let caller: Caller;
  const closing: (() => Promise<void>)[] = [];
  const cases: Case[] = [];

  /** A true first link that nobody was ever shown, and a lie about it. */
  const add = async (name: string, fault: RegExp, lie: (link: Link, held: Map<string, Held>) => Lie): Promise<void> => {
    const link = await forgeLink(caller.wallet);
    const held = holdBeef(link.beef);
    cases.push({ name, link, held, fault, lie: lie(link, held) });
  };

  const addLies = async (): Promise<void> => {
    const other = await forgeLink(caller.wallet);
    const { rawTx: otherRaw } = holdBeef(other.beef).get(other.txid) as Held;
    await add('another transaction', /not the one that was asked for/u, () => ({
      node: (_question, honest) => honest && { ...honest, rawTx: otherRaw },
    }));
    await add('a node of another graph', /another graph/u, () => ({
      node: (_question, honest) => honest && { ...honest, graphID: `${other.txid}.0` },
    }));
    await add('a proof of a block that is not ours', /proof-root-invalid/u, ({ txid }) => ({
      node: (_question, honest) => honest && { ...honest, proof: proveAlone(txid, 1) },
    }));
    await add('a proof of a block that is not there yet', /chain-unsettled/u, ({ txid }) => ({
      node: (_question, honest) => honest && { ...honest, proof: proveAlone(txid, 200) },
    }));
    await add('a cycle', /not the one that was asked for|another output/u, ({ txid }, held) => ({
      node: ({ graphID, outputIndex }) => ({ graphID, outputIndex, rawTx: held.get(txid)?.rawTx }),
    }));
    await add('a parent left out', /answered 400/u, ({ txid }) => ({
      node: (question, honest) => (question.txid === txid ? honest : undefined),
    }));
    await add('a count bomb', /refused|not well formed/u, () => ({
      node: (_question, honest) => honest && { ...honest, rawTx: '01000000feffffff7f' },
    }));
    await add('no JSON', /not JSON/u, () => ({ node: (_question, _honest, response) => response.end('{"graphID":') }));
    await add('an answer of a hundred megabytes', /larger than/u, () => ({
      node: (_question, _honest, response) => {
        const part = Buffer.alloc(1024 * 1024, 0x20);
        const pour = (left: number): void => {
          if (left > 0 && !response.destroyed) response.write(part, () => pour(left - 1));
        };
        pour(100);
        return 'nothing';
      },
    }));
    await add('silence', /no answer within/u, () => ({ node: () => 'nothing' }));
    await add('a million outputs', /too long|larger than/u, ({ txid }) => ({
      list: (response) => {
        const entry = `{"txid":"${txid}","outputIndex":0,"score":1},`;
        response.end(`{"since":0,"UTXOList":[${entry.repeat(1_000_000).slice(0, -1)}]}`);
      },
    }));
    await add('a list of nonsense', /not well formed/u, () => ({
      list: (response) => void response.end('{"since":0,"UTXOList":[{"txid":7}]}'),
    }));
  };

  /** A transaction that is what it says, and wrong. */
  const addUntrue = async (): Promise<void> => {
    const link = await forgeLink(caller.wallet);
    const transaction = Transaction.fromAtomicBEEF([...link.beef]);
    const raw = Buffer.from(transaction.toHex(), 'hex');
    // A byte of the first signature: 4 of the version, 1 of the count, 36 of the outpoint, 1 of the script's length, then DER.
    raw[4 + 1 + 36 + 1 + 20] = (raw[4 + 1 + 36 + 1 + 20] ?? 0) ^ 1;
    const txid = Transaction.fromBinary([...raw]).id('hex');
    const held = holdBeef(link.beef);
    held.set(txid, { rawTx: raw.toString('hex'), proof: undefined });
    cases.push({ name: 'a signature that does not hold', link: { ...link, txid }, held, lie: {}, fault: /script/u });
    const lonely = await caller.wallet.createAction({
      description: 'a link of no chain',
      outputs: [{ satoshis: 1, lockingScript: linkScript(9).toHex(), outputDescription: 'a link' }],
    });
    const beef = Uint8Array.from(lonely.tx ?? []);
    const unwanted = { beef, txid: lonely.txid ?? '', number: 9 };
    cases.push({
      name: 'what the topic does not admit',
      link: unwanted,
      held: holdBeef(beef),
      lie: {},
      fault: /does not admit/u,
    });
  };

  beforeAll(async () => {
    first = await SubmissionsRig.open(HOSTS_CHAIN);
    closing.push(() => first.close());
    caller = await first.openCaller(1_000_000);
    let tip = await submitLink(caller);
    await first.mineUntilProven();
    for (let link = 1; link < 4; link += 1) tip = await submitLink(caller, tip);
    await addLies();
    await addUntrue();
    const hosts: string[] = [];
    for (const { link, held, lie } of cases) {
      const host = await LyingHost.open(link.txid, held, lie);
      closing.push(() => host.close());
      hosts.push(host.url);
    }
    second = await Follower.open(first, { gaspPeers: { [CHAIN]: [...hosts, first.url] } });
    closing.push(() => second.close());
    hosts.forEach((url, place) => faultOf.set(cases[place]?.name ?? '', url));
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });
  const faultOf = new Map<string, string>();

  it('takes what is true from the honest one, and nothing from any other', async () => {
    await waitForSame(first.database, second.database);
    // One after the other: what is remembered of a host is its last fault, and a host that is slow has another one for a while.
    const met = new Set<string>();
    await waitUntil(
      'every lie was met',
      async () => {
        const peers = await second.findPeers();
        for (const { name, fault } of cases) {
          const peer = peers.find(({ url }) => url === faultOf.get(name));
          if (fault.test(peer?.last_error ?? '')) met.add(name);
        }
        return met.size === cases.length;
      },
      120_000,
    );
    const ids = cases.map(({ link }) => Buffer.from(link.txid, 'hex').reverse());
    const stored = await second.database.owner.query<unknown[]>(
      'select from portcullis.transaction where txid = any($1::bytea[])',
      [ids],
    );
    expect(stored).toEqual([]);
    await waitForSame(first.database, second.database);
    await checkLedger(second.database);
  });
});

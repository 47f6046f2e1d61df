import { makeOutpoint, networkParams, readHeader, writeHeader, type Txid } from '#atomic-core';
import { insertHeaders } from '#ledger';
import { buildBeefV1, buildBlock, type PlainTransaction } from '#testkit';
import type { DataSource } from 'typeorm';
import { CoinPurse, type Coin, type MadeTransaction } from '../coin-purse';
import type { CurveBinding } from '../curve-binding';

/** One submission: its BEEF, and the same as the ledger is given it when everything has been verified. */
export interface Job {
  readonly beef: Buffer;
  readonly subject: PlainTransaction;
  readonly ancestors: readonly PlainTransaction[];
  /** What it spends of the topic. */
  readonly coins: readonly { readonly txid: Txid; readonly vout: number; readonly retain: boolean }[];
}

export interface Work {
  /** Each admits two outputs and spends none of the topic. */
  readonly issues: readonly Job[];
  /** Each spends the first output of the issue in its place. */
  readonly transfers: readonly Job[];
  /** Each the last of {@link CHAIN} unproven transactions that nobody has seen before. */
  readonly chains: readonly Pick<Job, 'beef'>[];
  readonly root: string;
  readonly header: Buffer;
}

/** Unproven transactions in the BEEF of a chain: what the whole path is judged by (PERFORMANCE T15). */
export const CHAIN = 10;
const FUNDING_OUTPUTS = 50;
const SATOSHIS = 100_000;
const HEIGHT = 1;
const BLOCK_SPACING_SECONDS = 600;

export const makeHeader = (root: string): Buffer => {
  const genesis = readHeader(Buffer.from(networkParams.devnet.genesis, 'hex'));
  if (genesis === undefined) throw new Error('The development network has no genesis header.');
  const { version, bits, time } = genesis;
  for (let nonce = 0; ; nonce += 1) {
    const fields = {
      version,
      prevHash: genesis.hash,
      merkleRoot: root,
      time: time + BLOCK_SPACING_SECONDS,
      bits,
      nonce,
    };
    const bytes = Buffer.from(writeHeader(fields));
    // Half of all hashes are below the target of this network.
    if ((readHeader(bytes)?.hash ?? 'f') < '7f') return bytes;
  }
};

const plain = (
  { raw, txid, coins }: MadeTransaction,
  spent: readonly Coin[],
  bump?: PlainTransaction['bump'],
): PlainTransaction => ({
  txid,
  raw,
  bump,
  spends: spent.map(({ txid: parent, vout }) => makeOutpoint(parent, vout)),
  outputs: coins.map(({ satoshis, lockingScript }) => ({ satoshis, lockingScript: Buffer.from(lockingScript) })),
});

/** `count` issues over proven coins that share nothing but their block, and a transfer of each; and `chains` chains over other coins of the same block. */
export const makeWork = (curve: CurveBinding, count: number, seed: string, chains = 0): Work => {
  const purse = new CoinPurse(curve, `ledger ${seed}`);
  const perBlock = Math.min(count, FUNDING_OUTPUTS);
  const issuing = Math.ceil(count / perBlock);
  const fundings = Array.from({ length: issuing + Math.ceil(chains / perBlock) }, () => purse.fund(perBlock, SATOSHIS));
  const block = buildBlock(HEIGHT, fundings);
  const chain = (index: number): Pick<Job, 'beef'> => {
    const place = issuing + Math.floor(index / perBlock);
    const funding = fundings[place] as MadeTransaction;
    const entries: { raw: Buffer; bumpIndex?: number }[] = [{ raw: funding.raw, bumpIndex: 0 }];
    let coin = funding.coins[index % perBlock] as Coin;
    for (let link = 0; link < CHAIN; link += 1) {
      const made = purse.spend([coin], 2);
      entries.push({ raw: made.raw });
      [coin] = made.coins as [Coin];
    }
    purse.signed.length = 0;
    return { beef: buildBeefV1([block.bump(place)], entries) };
  };
  const issues: Job[] = [];
  const transfers: Job[] = [];
  for (let index = 0; index < count; index += 1) {
    const place = Math.floor(index / perBlock);
    const funding = fundings[place] as MadeTransaction;
    const bytes = block.bump(place);
    const parent = plain(funding, [], { height: HEIGHT, root: block.root, bytes });
    const coin = funding.coins[index % perBlock] as Coin;
    const issue = purse.spend([coin], 2);
    const [token] = issue.coins as [Coin];
    const transfer = purse.spend([token], 2);
    const entries = [{ raw: funding.raw, bumpIndex: 0 }, { raw: issue.raw }];
    const subject = plain(issue, [coin]);
    issues.push({ beef: buildBeefV1([bytes], entries), subject, ancestors: [parent], coins: [] });
    transfers.push({
      beef: buildBeefV1([bytes], [...entries, { raw: transfer.raw }]),
      subject: plain(transfer, [token]),
      ancestors: [parent, subject],
      coins: [{ txid: issue.txid, vout: 0, retain: false }],
    });
    purse.signed.length = 0;
  }
  return {
    ...{ issues, transfers, root: block.root, header: makeHeader(block.root) },
    chains: Array.from({ length: chains }, (_, index) => chain(index)),
  };
};

/** The chain of the work, in the ledger of the gateway. */
export const storeChain = async (owner: DataSource, { header }: Work): Promise<void> => {
  const genesis = Buffer.from(networkParams.devnet.genesis, 'hex');
  const root = { height: 0, hash: readHeader(genesis)?.hash ?? '' };
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const { accepted, fault } = await owner.transaction((manager) =>
    insertHeaders(manager, { params: networkParams.devnet, headers: [genesis, header], nowSeconds, root }),
  );
  if (accepted !== 2) throw new Error(`The chain of the bench was refused: ${JSON.stringify(fault)}`);
};

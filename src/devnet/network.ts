import { randomBytes } from 'node:crypto';
import { PrivateKey, Script, Transaction, type MerklePath } from '@bsv/sdk';
import { buildMerklePath, displayHash, findMerkleRoot, mineHeader, readBlock } from './block';
import { ChainState, type Coin, type TrackedTransaction } from './chain-state';
import { type BlockRecord, Journal, type JournalRecord } from './journal';
import { type ArcRefusal, judgeShape, judgeSpends, type JudgeOptions } from './judge';
import { sha256, sha256d } from '#atomic-core';

export type ReorgFate = 'include' | 'mempool' | 'drop';
export const REORG_DEPTH_MAX = 99;
const PREMINED_BLOCKS = 110;
const BLOCK_SUBSIDY = 5_000_000_000;

/** Its coins are worth nothing anywhere else, so everybody may know it. */
export const FAUCET_KEY = new PrivateKey(sha256(Buffer.from('portcullis development network')).toString('hex'), 'hex');

export const FAUCET_ADDRESS = FAUCET_KEY.toAddress();

export type Admission = { readonly transaction: TrackedTransaction } | { readonly refusal: ArcRefusal };

/** The network as its nodes see it: blocks, mempool, and the rules to enter either. Every change is one journal record. */
export class Network {
  readonly state = new ChainState();
  readonly callbacks = new Map<string, Extract<JournalRecord, { kind: 'callback' }>[]>();
  /** Told the txids whose status changed, after each change. */
  onChange: (txids: readonly string[]) => void = () => undefined;
  readonly #journal: Journal;

  constructor(directory: string) {
    this.#journal = Journal.open(directory);
    for (const record of this.#journal.records) this.#apply(record);
    const missing = PREMINED_BLOCKS - this.state.tip.height;
    if (this.state.tip.height < PREMINED_BLOCKS) this.#append(this.#assemble(0, missing, []));
  }

  close(): void {
    this.#journal.close();
  }

  #apply(record: JournalRecord): void {
    if (record.kind !== 'callback') this.state.apply(record);
    else this.callbacks.set(record.txid, [...(this.callbacks.get(record.txid) ?? []), record]);
  }

  #append(record: JournalRecord): void {
    this.#journal.append(record);
    this.#apply(record);
  }

  registerCallback(txid: string, url: string, token: string, full: boolean): void {
    const known = this.callbacks.get(txid)?.some((entry) => entry.url === url && entry.token === token);
    if (!known) this.#append({ kind: 'callback', txid, url, token, full });
  }

  merklePathOf(transaction: TrackedTransaction): MerklePath | undefined {
    return transaction.block && buildMerklePath(transaction.block, transaction.txid);
  }

  /** Takes a transaction into the mempool, the orphan pool or among the contested; or says why not. */
  admit(transaction: Transaction, acceptOrphans: boolean, options: JudgeOptions): Admission {
    const txid = transaction.id('hex');
    const known = this.state.transactions.get(txid);
    const open = known?.status === 'orphan' || (known?.status === 'rejected' && !known.doomed);
    if (known && !open) return { transaction: known };
    const misshapen = judgeShape(transaction, transaction.toBinary().length, this.state);
    if (misshapen) return { refusal: misshapen };
    const coins = this.#findCoins(transaction);
    if (!coins) return this.#admitOrphan(transaction, acceptOrphans);
    const refusal = judgeSpends(transaction, coins, this.state.tip.height, options);
    if (refusal) return { refusal };
    return this.#admitJudged(transaction);
  }

  #findCoins(transaction: Transaction): Coin[] | undefined {
    const coins: Coin[] = [];
    for (const input of transaction.inputs) {
      const coin = this.state.findCoin(input.sourceTXID as string, input.sourceOutputIndex);
      if (!coin) return undefined;
      coins.push(coin);
    }
    return coins;
  }

  #admitOrphan(transaction: Transaction, accepted: boolean): Admission {
    if (!accepted) return { refusal: { status: 460, detail: 'parent transaction not found' } };
    return { transaction: this.#enter(transaction, 'orphan') };
  }

  #admitJudged(transaction: Transaction): Admission {
    const txid = transaction.id('hex');
    const rivals = transaction.inputs
      .map((input) => this.state.findSpender(input.sourceTXID as string, input.sourceOutputIndex))
      .filter((spender) => spender !== undefined && spender !== txid);
    if (rivals.length === 0) {
      const entry = this.#enter(transaction, 'seen');
      this.#adoptOrphans();
      return { transaction: entry };
    }
    const entry = this.#enter(transaction, 'contested');
    const winner = rivals.find((rival) => this.state.transactions.get(rival ?? '')?.status === 'mined');
    if (winner) this.reject(txid, `spends an outpoint of mined transaction ${winner}`);
    else this.onChange([...entry.competing]);
    return { transaction: entry };
  }

  #enter(transaction: Transaction, status: 'seen' | 'orphan' | 'contested'): TrackedTransaction {
    this.#append({ kind: 'transaction', raw: transaction.toHex(), status, at: new Date().toISOString() });
    const txid = transaction.id('hex');
    this.onChange([txid]);
    return this.state.transactions.get(txid) as TrackedTransaction;
  }

  /** Until nothing moves: each arrival may be the missing parent of the next. */
  #adoptOrphans(): void {
    const ready = [...this.state.transactions.values()].find(
      ({ status, parsed }) => status === 'orphan' && this.#findCoins(parsed),
    );
    if (!ready) return;
    const verdict = this.admit(ready.parsed, true, { skipFees: false, skipScripts: false });
    if ('refusal' in verdict) this.reject(ready.txid, verdict.refusal.detail);
  }

  reject(txid: string, reason: string, ordered = false): boolean {
    const entry = this.state.transactions.get(txid);
    if (!entry || entry.status === 'mined') return false;
    const dependants = this.state.listDependants(txid).map((child) => child.txid);
    this.#append({ kind: 'rejection', txid, reason, ordered });
    this.onChange([txid, ...dependants]);
    return true;
  }

  /** The first block takes the mempool (or only `chosen`); the others are empty. */
  mine(count: number, chosen?: readonly string[]): void {
    const txids = chosen ?? this.state.listMempool().map(({ txid }) => txid);
    const rivals = txids.flatMap((txid) => [...(this.state.transactions.get(txid)?.competing ?? [])]);
    this.#append(this.#assemble(0, count, txids));
    this.onChange([...txids, ...rivals]);
  }

  /** Replaces the last `depth` blocks by a branch of one block more, which is what makes it the heavier one. */
  reorganise(depth: number, fate: ReorgFate): { readonly orphaned: readonly string[] } {
    const lost = this.state.best.slice(-depth);
    const txids = lost.flatMap((block) => block.txids.slice(1));
    const record = this.#assemble(depth, depth + 1, fate === 'include' ? txids : []);
    this.#append({ ...record, forget: fate === 'drop' ? txids : [] });
    this.onChange(txids);
    return { orphaned: lost.map((block) => block.hash) };
  }

  #assemble(depth: number, count: number, txids: readonly string[]): Extract<JournalRecord, { kind: 'blocks' }> {
    const chain = this.state.best.slice(0, this.state.best.length - depth);
    const now = Math.floor(Date.now() / 1000);
    const blocks: BlockRecord[] = [];
    for (let index = 0; index < count; index += 1) {
      const parent = chain.at(-1) ?? this.state.tip;
      const body = index === 0 ? txids : [];
      const times = chain.slice(-11).map(({ time }) => time);
      const median = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
      const coinbase = buildCoinbase(chain.length);
      const all = [displayHash(sha256d(Buffer.from(coinbase, 'hex'))), ...body];
      const header = mineHeader(parent.hash, findMerkleRoot(all), Math.max(now, median + 1));
      chain.push(readBlock(header, chain.length, all));
      blocks.push({ header: header.toString('hex'), coinbase, txids: body });
    }
    return { kind: 'blocks', depth, forget: [], blocks };
  }
}

const buildCoinbase = (height: number): string => {
  // Random, so that two branches never hold the same coinbase; the journal keeps it, so a replay does not depend on it.
  const extraNonce = randomBytes(8).toString('hex');
  const heightHex = Buffer.from([height & 0xff, (height >> 8) & 0xff, (height >> 16) & 0xff, 0]).toString('hex');
  const transaction = new Transaction(
    1,
    [
      {
        sourceTXID: '0'.repeat(64),
        sourceOutputIndex: 0xffffffff,
        sequence: 0xffffffff,
        unlockingScript: Script.fromHex(`04${heightHex}08${extraNonce}`),
      },
    ],
    [],
    0,
  );
  transaction.addP2PKHOutput(FAUCET_ADDRESS, BLOCK_SUBSIDY);
  return transaction.toHex();
};

import { Transaction } from '@bsv/sdk';
import { DEVNET_GENESIS, type Block, displayHash, readBlock } from './block';
import type { BlockRecord, JournalRecord } from './journal';
import { sha256d } from '#atomic-core';

export type TransactionStatus = 'seen' | 'orphan' | 'contested' | 'mined' | 'rejected';

export interface TrackedTransaction {
  readonly txid: string;
  readonly raw: string;
  readonly parsed: Transaction;
  readonly coinbase: boolean;
  /** Order of arrival; parents come before children. */
  sequence: number;
  status: TransactionStatus;
  block: Block | undefined;
  at: string;
  reason: string;
  /** Rejected by order of an admin: it stays so. */
  doomed: boolean;
  /** Was in a block that a reorg threw out, and is in none now. */
  stale: boolean;
  competing: Set<string>;
}

export interface Coin {
  readonly satoshis: number;
  readonly lockingScriptHex: string;
  readonly source: TrackedTransaction;
}

const outpointKey = (txid: string, vout: number): string => `${txid}.${vout}`;

const track = (raw: string, at: string, sequence: number): TrackedTransaction => {
  let parsed: Transaction | undefined;
  return {
    txid: displayHash(sha256d(Buffer.from(raw, 'hex'))),
    raw,
    // Parsed when first needed: replaying a long journal is then only hashing.
    get parsed() {
      return (parsed ??= Transaction.fromHex(raw));
    },
    coinbase: raw.startsWith('00'.repeat(32), 10),
    sequence,
    status: 'orphan',
    block: undefined,
    at,
    reason: '',
    doomed: false,
    stale: false,
    competing: new Set(),
  };
};

/** What follows from the journal, and nothing else: replaying the same records gives the same state. */
export class ChainState {
  readonly best: Block[] = [readBlock(DEVNET_GENESIS, 0, [])];
  readonly transactions = new Map<string, TrackedTransaction>();
  /** Outpoint to the transaction that spends it, over the best chain and the mempool. */
  readonly #spenders = new Map<string, string>();
  readonly #mempool = new Set<string>();
  #sequence = 0;

  get tip(): Block {
    return this.best.at(-1) as Block;
  }

  /** In an order in which parents come first. */
  listMempool(): TrackedTransaction[] {
    const entries = [...this.#mempool].map((txid) => this.transactions.get(txid) as TrackedTransaction);
    return entries.sort((a, b) => a.sequence - b.sequence);
  }

  findSpender(txid: string, vout: number): string | undefined {
    return this.#spenders.get(outpointKey(txid, vout));
  }

  /** An output of the best chain or the mempool, spent or not. */
  findCoin(txid: string, vout: number): Coin | undefined {
    const source = this.transactions.get(txid);
    if (!source || (source.status !== 'seen' && source.status !== 'mined')) return undefined;
    const output = source.parsed.outputs[vout];
    if (!output) return undefined;
    return { satoshis: output.satoshis ?? 0, lockingScriptHex: output.lockingScript.toHex(), source };
  }

  listMedianTimes(): number {
    const times = this.best.slice(-11).map((block) => block.time);
    return times.sort((a, b) => a - b)[times.length >> 1] as number;
  }

  apply(record: JournalRecord): void {
    if (record.kind === 'blocks') this.#applyBlocks(record);
    else if (record.kind === 'transaction') this.#applyTransaction(record);
    else if (record.kind === 'rejection') {
      this.#applyRejection(record.txid, record.reason);
      const entry = this.transactions.get(record.txid);
      if (entry) entry.doomed = record.ordered;
    }
  }

  #applyTransaction({ raw, status, at }: Extract<JournalRecord, { kind: 'transaction' }>): void {
    const entry = track(raw, at, (this.#sequence += 1));
    this.transactions.set(entry.txid, entry);
    entry.status = status;
    if (status === 'seen') this.#enterMempool(entry);
    if (status === 'contested') this.#markCompetitors(entry);
  }

  #enterMempool(entry: TrackedTransaction): void {
    entry.status = 'seen';
    entry.block = undefined;
    this.#mempool.add(entry.txid);
    this.#claimInputs(entry);
  }

  #claimInputs(entry: TrackedTransaction): void {
    if (entry.coinbase) return;
    for (const input of entry.parsed.inputs) {
      this.#spenders.set(outpointKey(input.sourceTXID as string, input.sourceOutputIndex), entry.txid);
    }
  }

  #markCompetitors(entry: TrackedTransaction): void {
    for (const input of entry.parsed.inputs) {
      const winner = this.findSpender(input.sourceTXID as string, input.sourceOutputIndex);
      if (!winner || winner === entry.txid) continue;
      entry.competing.add(winner);
      this.transactions.get(winner)?.competing.add(entry.txid);
    }
  }

  #applyBlocks({ depth, forget, blocks }: Extract<JournalRecord, { kind: 'blocks' }>): void {
    for (let index = 0; index < depth; index += 1) this.#disconnectTip();
    for (const txid of forget) this.#forget(txid);
    for (const record of blocks) this.#connect(record);
  }

  #disconnectTip(): void {
    const block = this.best.pop() as Block;
    for (const txid of block.txids) {
      const entry = this.transactions.get(txid) as TrackedTransaction;
      entry.stale = true;
      if (entry.coinbase) this.transactions.delete(txid);
      else this.#enterMempool(entry);
    }
  }

  #connect(record: BlockRecord): void {
    const coinbase = track(record.coinbase, '', (this.#sequence += 1));
    this.transactions.set(coinbase.txid, coinbase);
    const block = readBlock(Buffer.from(record.header, 'hex'), this.best.length, [coinbase.txid, ...record.txids]);
    coinbase.at = new Date(block.time * 1000).toISOString();
    this.best.push(block);
    for (const txid of block.txids) this.#confirm(this.transactions.get(txid) as TrackedTransaction, block);
  }

  #confirm(entry: TrackedTransaction, block: Block): void {
    this.#mempool.delete(entry.txid);
    this.#claimInputs(entry);
    entry.status = 'mined';
    entry.block = block;
    entry.stale = false;
    // The race is over: whoever competed for these outpoints can never be mined on this chain.
    for (const txid of entry.competing) {
      const loser = this.transactions.get(txid);
      if (loser?.status === 'contested')
        this.#applyRejection(txid, `spends an outpoint of mined transaction ${entry.txid}`);
    }
  }

  #applyRejection(txid: string, reason: string): void {
    const entry = this.transactions.get(txid);
    if (!entry || entry.status === 'mined') return;
    for (const child of this.listDependants(txid)) this.#release(child, 'rejected', `parent ${txid} was rejected`);
    this.#release(entry, 'rejected', reason);
  }

  #forget(txid: string): void {
    const entry = this.transactions.get(txid);
    if (!entry) return;
    for (const child of this.listDependants(txid)) this.#release(child, 'orphan', '');
    this.#release(entry, 'rejected', '');
    this.transactions.delete(txid);
  }

  #release(entry: TrackedTransaction, status: TransactionStatus, reason: string): void {
    this.#mempool.delete(entry.txid);
    entry.status = status;
    entry.reason = reason;
    for (const input of entry.parsed.inputs) {
      const key = outpointKey(input.sourceTXID as string, input.sourceOutputIndex);
      if (this.#spenders.get(key) === entry.txid) this.#spenders.delete(key);
    }
  }

  /** Every mempool transaction that spends, directly or not, an output of `txid`. */
  listDependants(txid: string): TrackedTransaction[] {
    const found = new Map<string, TrackedTransaction>();
    const pending = [txid];
    for (let parent = pending.pop(); parent; parent = pending.pop()) {
      const outputs = this.transactions.get(parent)?.parsed.outputs.length ?? 0;
      for (let vout = 0; vout < outputs; vout += 1) {
        const child = this.transactions.get(this.findSpender(parent, vout) ?? '');
        if (!child || child.status !== 'seen' || found.has(child.txid)) continue;
        found.set(child.txid, child);
        pending.push(child.txid);
      }
    }
    return [...found.values()];
  }
}

import { LockingScript, P2PKH, Transaction } from '@bsv/sdk';
import { FAUCET_ADDRESS, FAUCET_KEY, type Network } from './network';

export interface Grant {
  readonly txid: string;
  readonly vout: number;
  readonly vouts: readonly number[];
  readonly satoshis: number;
  readonly rawTx: string;
  readonly blockHash: string;
  readonly blockHeight: number;
  /** Atomic BEEF, proven. */
  readonly beef: string;
}

const FEE_SATOSHIS_PER_OUTPUT = 1;
const COINBASE_MATURITY = 100;

const listCoinbases = (network: Network): Transaction[] => {
  const { state } = network;
  const mature = state.best.slice(1, Math.max(1, state.best.length - COINBASE_MATURITY));
  return mature
    .filter((block) => state.findSpender(block.txids[0] as string, 0) === undefined)
    .map((block) => state.transactions.get(block.txids[0] as string)?.parsed as Transaction);
};

/** Gives coins from mature coinbases. Each grant is mined at once in a block of its own, so it comes with its proof. */
export class Faucet {
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly network: Network) {}

  /** One at a time: two grants must not pick the same coinbase. */
  fund(lockingScriptHex: string, satoshis: number, count: number): Promise<Grant> {
    const grant = this.#queue.then(() => this.#fund(lockingScriptHex, satoshis, count));
    this.#queue = grant.catch(() => undefined);
    return grant;
  }

  async #fund(lockingScriptHex: string, satoshis: number, count: number): Promise<Grant> {
    const need = satoshis * count + FEE_SATOSHIS_PER_OUTPUT * (count + 2000);
    const transaction = this.#gather(need);
    for (let vout = 0; vout < count; vout += 1) {
      transaction.addOutput({ satoshis, lockingScript: LockingScript.fromHex(lockingScriptHex) });
    }
    const paidIn = transaction.inputs.reduce(
      (sum, { sourceTransaction }) => sum + (sourceTransaction?.outputs[0]?.satoshis ?? 0),
      0,
    );
    transaction.addP2PKHOutput(FAUCET_ADDRESS, paidIn - need);
    await transaction.sign();
    // Read back, so that it arrives like anybody else's: inputs named by txid, no source transactions attached.
    const arriving = Transaction.fromHex(transaction.toHex());
    const verdict = this.network.admit(arriving, false, { skipFees: true, skipScripts: false });
    if ('refusal' in verdict) throw new Error(`the faucet's own transaction was refused: ${verdict.refusal.detail}`);
    this.network.mine(1, [verdict.transaction.txid]);
    return this.#describe(verdict.transaction.txid, satoshis, count);
  }

  #gather(need: number): Transaction {
    const transaction = new Transaction();
    let gathered = 0;
    for (const sourceTransaction of listCoinbases(this.network)) {
      if (gathered >= need) break;
      transaction.addInput({
        sourceTransaction,
        sourceOutputIndex: 0,
        unlockingScriptTemplate: new P2PKH().unlock(FAUCET_KEY),
      });
      gathered += sourceTransaction.outputs[0]?.satoshis ?? 0;
    }
    if (gathered < need) throw new RangeError(`the faucet holds ${gathered} satoshis; mine more blocks`);
    return transaction;
  }

  #describe(txid: string, satoshis: number, count: number): Grant {
    const entry = this.network.state.transactions.get(txid);
    const path = entry && this.network.merklePathOf(entry);
    if (!entry?.block || !path) throw new Error('the grant was not mined');
    const proven = Transaction.fromHex(entry.raw);
    proven.merklePath = path;
    return {
      txid,
      vout: 0,
      vouts: Array.from({ length: count }, (_, vout) => vout),
      satoshis,
      rawTx: entry.raw,
      blockHash: entry.block.hash,
      blockHeight: entry.block.height,
      beef: proven.toHexAtomicBEEF(),
    };
  }
}

import { P2PKH, type PrivateKey, type Transaction } from '@bsv/sdk';

/** An output that the wallet can spend by itself: pay-to-public-key-hash of `key`. */
export interface WalletCoin {
  readonly transaction: Transaction;
  readonly vout: number;
  readonly satoshis: number;
  readonly key: PrivateKey;
}

/** The wallet's own unspent outputs. A coin is taken before the first `await` of the call that spends it, so two calls never share one. */
export class WalletCoins {
  private readonly free = new Map<string, WalletCoin>();

  add(transaction: Transaction, vout: number, key: PrivateKey): WalletCoin {
    const output = transaction.outputs[vout];
    if (output?.satoshis === undefined)
      throw new Error(`The transaction ${transaction.id('hex')} has no output ${vout}.`);
    const expected = new P2PKH().lock(key.toAddress()).toHex();
    if (output.lockingScript.toHex() !== expected)
      throw new Error(`Output ${vout} is not locked to the key given with it.`);
    const coin = { transaction, vout, satoshis: output.satoshis, key };
    this.free.set(`${transaction.id('hex')}.${vout}`, coin);
    return coin;
  }

  /** Oldest first, until `satoshis` is reached. */
  take(satoshis: number): WalletCoin[] {
    const taken: WalletCoin[] = [];
    let sum = 0;
    for (const coin of this.free.values()) {
      if (sum >= satoshis) break;
      taken.push(coin);
      sum += coin.satoshis;
    }
    if (sum < satoshis) throw new Error(`The wallet holds ${this.balance()} satoshis and needs ${satoshis}.`);
    for (const coin of taken) this.free.delete(`${coin.transaction.id('hex')}.${coin.vout}`);
    return taken;
  }

  giveBack(coins: readonly WalletCoin[]): void {
    for (const coin of coins) this.free.set(`${coin.transaction.id('hex')}.${coin.vout}`, coin);
  }

  balance(): number {
    return [...this.free.values()].reduce((sum, coin) => sum + coin.satoshis, 0);
  }
}

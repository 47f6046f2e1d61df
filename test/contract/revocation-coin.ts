import { Transaction } from '@bsv/sdk';
import { DevWallet } from '#testkit';
import type { Devnet } from '../../src/devnet';

export interface RevocationCoin {
  readonly outpoint: string;
  /** The transaction that revokes, as Atomic BEEF. */
  readonly sign: () => Promise<Uint8Array>;
  /** The same, sent to the network and to nobody else. Its txid. */
  readonly spend: () => Promise<string>;
}

/** A coin of the certifier on the development network. Whoever spends it revokes. */
export const makeCoin = async (devnet: Devnet): Promise<RevocationCoin> => {
  const wallet = new DevWallet();
  const send = (path: string, body: unknown): Promise<Response> =>
    fetch(`${devnet.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const answer = await send('/admin/fund', { publicKeyHash: wallet.coinPublicKeyHash, satoshis: 1_000 });
  const { beef, txid, vout } = (await answer.json()) as { beef: string; txid: string; vout: number };
  wallet.addFunding(Buffer.from(beef, 'hex'), vout);
  const sign = async (): Promise<Uint8Array> => {
    const lockingScript = wallet.coinLockingScript.toHex();
    const outputs = [{ lockingScript, satoshis: 100, outputDescription: 'revoked' }];
    const { tx } = await wallet.createAction({ description: 'revoke', outputs });
    return Uint8Array.from(tx!);
  };
  const spend = async (): Promise<string> => {
    const transaction = Transaction.fromAtomicBEEF(await sign());
    const sent = await send('/arc/v1/tx', { rawTx: transaction.toHexEF() });
    if (!sent.ok) throw new Error(await sent.text());
    return transaction.id('hex');
  };
  return { outpoint: `${txid}.${vout}`, sign, spend };
};

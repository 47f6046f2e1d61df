import type { DevWallet } from './wallet';
import { buildProvenTransaction } from './proven-transaction';
import type { ProvenTransaction } from './proven-transaction';

interface FundAnswer {
  readonly beef: string;
  readonly txid: string;
  readonly vout: number;
}

/** Funds the wallet with a proven output that no chain holds; the test must make the header at its height known. */
export const fundWalletOffChain = (wallet: DevWallet, satoshis: number, height?: number): ProvenTransaction => {
  const proven = buildProvenTransaction([{ lockingScript: wallet.coinLockingScript, satoshis }], height);
  wallet.addFunding(proven.beef, 0);
  return proven;
};

/** Funds the wallet from the faucet of a development network. */
export const fundWalletFromDevnet = async (wallet: DevWallet, devnetUrl: string, satoshis: number): Promise<string> => {
  const answer = await fetch(new URL('/admin/fund', devnetUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ publicKeyHash: wallet.coinPublicKeyHash, satoshis }),
  });
  if (!answer.ok) throw new Error(`The development network answered ${answer.status}: ${await answer.text()}`);
  const funded = (await answer.json()) as FundAnswer;
  wallet.addFunding(Buffer.from(funded.beef, 'hex'), funded.vout);
  return funded.txid;
};

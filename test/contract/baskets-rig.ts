import {
  HTTPWalletJSON,
  P2PKH,
  Transaction,
  type AuthFetch,
  type InternalizeOutput,
  type LockingScript,
} from '@bsv/sdk';
import type { DevWallet } from '#testkit';
import { openWalletFetch } from '#client';
import { fsck } from '#ledger';
import type { Answer, Caller, SubmissionsRig } from './submissions-rig';

const UNLOCK_BYTES = 108;
export const TOKEN_SATOSHIS = 1_000;

export const jsonHeaders = { 'content-type': 'application/json' };

export const post = (
  caller: Caller,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  caller.call(path, { method: 'POST', headers: { ...jsonHeaders, ...headers }, body: JSON.stringify(body) });
export const remove = (caller: Caller, path: string): Promise<Answer> => caller.call(path, { method: 'DELETE' });

/** Locked to the identity key itself: a token that its holder spends with no more than that. */
export const lockTo = (caller: Caller): LockingScript => new P2PKH().lock(caller.key.toAddress());

export interface Made {
  readonly txid: string;
  /** Atomic BEEF. */
  readonly tx: number[];
}

/** One transaction with so many tokens of the caller's. */
export const mint = async (caller: Caller, count: number, satoshis = TOKEN_SATOSHIS): Promise<Made> => {
  const lockingScript = lockTo(caller).toHex();
  const output = { satoshis, lockingScript, outputDescription: 'a token' };
  const { txid, tx } = await caller.wallet.createAction({
    description: 'make tokens',
    outputs: Array.from({ length: count }, () => output),
    options: { randomizeOutputs: false },
  });
  return { txid: txid!, tx: [...tx!] };
};

export interface Spending {
  /** Whose coins pay the fee; it need not know the tokens. */
  readonly wallet: DevWallet;
  readonly inputBEEF: number[];
  readonly outpoints: readonly string[];
  readonly outputs: readonly { readonly satoshis: number; readonly lockingScript: string }[];
}

/** A signed transaction that spends tokens of `owner`, as an application of BRC-100 makes it: by `inputBEEF` and outpoint. */
export const spendTokens = async (
  owner: Caller,
  { wallet, inputBEEF, outpoints, outputs }: Spending,
): Promise<Made> => {
  const { signableTransaction } = await wallet.createAction({
    description: 'spend tokens',
    inputBEEF,
    inputs: outpoints.map((outpoint) => ({
      outpoint,
      inputDescription: 'a token',
      unlockingScriptLength: UNLOCK_BYTES,
    })),
    outputs: outputs.map((output) => ({ ...output, outputDescription: 'an output' })),
    options: { randomizeOutputs: false },
  });
  const transaction = Transaction.fromAtomicBEEF(signableTransaction!.tx);
  const spends: Record<number, { unlockingScript: string }> = {};
  for (const place of outpoints.keys()) {
    const unlockingScript = (await new P2PKH().unlock(owner.key).sign(transaction, place)).toHex();
    spends[place] = { unlockingScript };
  }
  const { txid, tx } = await wallet.signAction({ reference: signableTransaction!.reference, spends });
  return { txid: txid!, tx: [...tx!] };
};

/** The SDK's own client of a wallet, unmodified, before a gateway. */
export const openWallet = (gatewayUrl: string, authFetch: AuthFetch): HTTPWalletJSON =>
  new HTTPWalletJSON('erp.example', `${gatewayUrl}/v1/wallet`, openWalletFetch(authFetch));

export const insertion = (
  outputIndex: number,
  basket: string,
  more: { tags?: string[]; customInstructions?: string } = {},
): InternalizeOutput => ({ outputIndex, protocol: 'basket insertion', insertionRemittance: { basket, ...more } });

/** Puts the first `count` outputs of a transaction into a basket. */
export const keep = async (
  caller: Caller,
  { tx }: Made,
  count: number,
  basket: string,
  tags?: string[],
): Promise<void> => {
  const outputs = Array.from({ length: count }, (_, vout) => insertion(vout, basket, tags && { tags }));
  const answer = await post(caller, '/v1/wallet/internalizeAction', { tx, outputs, description: 'keep tokens' });
  expect([answer.status, answer.text]).toEqual([200, '{"accepted":true}']);
};

export const listOutpoints = ({ json }: Answer): string[] =>
  (json['outputs'] as { outpoint: string }[]).map(({ outpoint }) => outpoint);

export const expectSound = async (rig: SubmissionsRig): Promise<void> => {
  expect((await fsck(rig.database.owner)).filter(({ ok }) => !ok)).toEqual([]);
};

import { LockingScript, P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import { buildProvenTransaction } from './proven-transaction';
import { fundWalletOffChain } from './fund-wallet';
import { DevWallet } from './wallet';

const payTo = (satoshis: number): { satoshis: number; lockingScript: string; outputDescription: string } => ({
  satoshis,
  lockingScript: new P2PKH().lock(PrivateKey.fromRandom().toAddress()).toHex(),
  outputDescription: 'a payment',
});

const verify = async (beef: number[] | Uint8Array | undefined): Promise<boolean> =>
  Transaction.fromAtomicBEEF(beef ?? []).verify('scripts only');

describe('DevWallet', () => {
  it('pays from its funding and keeps the change, chaining unproven ancestors', async () => {
    const wallet = new DevWallet();
    fundWalletOffChain(wallet, 10_000);
    const first = await wallet.createAction({ description: 'first payment', outputs: [payTo(1_000), payTo(2_000)] });
    const second = await wallet.createAction({ description: 'second payment', outputs: [payTo(3_000)] });
    expect(await verify(first.tx)).toBe(true);
    expect(await verify(second.tx)).toBe(true);
    const subject = Transaction.fromAtomicBEEF(second.tx ?? []);
    expect(subject.inputs[0]?.sourceTransaction?.id('hex')).toBe(first.txid);
    expect(subject.outputs[0]?.satoshis).toBe(3_000);
    expect(wallet.balance).toBeLessThan(4_000);
    expect(wallet.balance).toBeGreaterThan(3_800);
  });

  it('never spends one coin in two calls that run at once', async () => {
    const wallet = new DevWallet();
    for (let i = 0; i < 3; i += 1) fundWalletOffChain(wallet, 1_000);
    const paid = await Promise.all(
      [1, 2, 3].map(() => wallet.createAction({ description: 'at the same time', outputs: [payTo(500)] })),
    );
    const spent = paid.flatMap(({ tx }) =>
      Transaction.fromAtomicBEEF(tx ?? []).inputs.map(
        (input) => `${input.sourceTransaction?.id('hex')}.${input.sourceOutputIndex}`,
      ),
    );
    expect(new Set(spent).size).toBe(spent.length);
  });

  it('spends a foreign output through createAction and signAction', async () => {
    const wallet = new DevWallet();
    fundWalletOffChain(wallet, 1_000);
    const token = buildProvenTransaction([{ lockingScript: LockingScript.fromASM('OP_1'), satoshis: 1 }]);
    wallet.learn(token.beef);
    const { signableTransaction } = await wallet.createAction({
      description: 'move the token',
      inputs: [{ outpoint: `${token.txid}.0`, inputDescription: 'the token', unlockingScriptLength: 1 }],
      outputs: [payTo(1)],
    });
    const signed = await wallet.signAction({
      reference: signableTransaction?.reference ?? '',
      spends: { 0: { unlockingScript: '51' } },
    });
    const subject = Transaction.fromAtomicBEEF(signed.tx ?? []);
    expect(subject.inputs[0]?.sourceTransaction?.id('hex')).toBe(token.txid);
    expect(subject.inputs).toHaveLength(2);
  });

  it('gives the coins of an aborted action back', async () => {
    const wallet = new DevWallet();
    fundWalletOffChain(wallet, 1_000);
    const { signableTransaction } = await wallet.createAction({
      description: 'never finished',
      outputs: [payTo(500)],
      options: { signAndProcess: false },
    });
    expect(wallet.balance).toBe(0);
    await wallet.abortAction({ reference: signableTransaction?.reference ?? '' });
    expect(wallet.balance).toBe(1_000);
  });

  it('refuses what it cannot pay and what it does not offer', async () => {
    const wallet = new DevWallet();
    await expect(wallet.createAction({ description: 'no money', outputs: [payTo(1)] })).rejects.toThrow(
      /holds 0 satoshis/,
    );
    await expect(
      wallet.createAction({ description: 'an option', outputs: [payTo(1)], options: { sendWith: ['00'] } }),
    ).rejects.toThrow(/sendWith/);
    await expect(wallet.listActions()).rejects.toThrow(/listActions/);
  });

  it('lists what it was told to keep in a basket, with its transactions, until it is spent', async () => {
    const wallet = new DevWallet();
    fundWalletOffChain(wallet, 1_000);
    const kept = { ...payTo(7), basket: 'tokens', tags: ['a', 'b'] };
    const { txid = '' } = await wallet.createAction({ description: 'keep one', outputs: [payTo(5), kept] });
    const list = (tags: string[]) => wallet.listOutputs({ basket: 'tokens', tags, include: 'entire transactions' });
    const { outputs, BEEF } = await list(['a']);
    expect(outputs).toEqual([{ satoshis: 7, spendable: true, outpoint: `${txid}.1` }]);
    expect(Transaction.fromBEEF(BEEF!, txid).outputs[1]?.satoshis).toBe(7);
    expect((await list(['c'])).outputs).toEqual([]);
    await wallet.createAction({
      description: 'spend it',
      inputs: [{ outpoint: `${txid}.1`, inputDescription: 'the token', unlockingScript: '51' }],
    });
    expect((await list(['a'])).outputs).toEqual([]);
  });
});

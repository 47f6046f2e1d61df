import {
  KeyDeriver,
  LockingScript,
  MerklePath,
  P2PKH,
  PrivateKey,
  ProtoWallet,
  Transaction,
  UnlockingScript,
  Utils,
} from '@bsv/sdk';
import type {
  CreateActionArgs,
  CreateActionInput,
  CreateActionResult,
  ListOutputsArgs,
  ListOutputsResult,
  SignActionArgs,
  SignActionResult,
  WalletInterface,
} from '@bsv/sdk';
import { KeptOutputs } from './kept-outputs';
import { WalletCoins } from './wallet-coins';
import type { WalletCoin } from './wallet-coins';

/** Satoshis per 1000 bytes; the policy of the development network asks for less. */
const FEE_SATOSHIS_PER_KB = 100;
/** Bytes of a pay-to-public-key-hash unlocking script and of an output, at most. */
const P2PKH_UNLOCK_BYTES = 108;
const P2PKH_OUTPUT_BYTES = 34;

interface PendingAction {
  readonly outputs: CreateActionArgs['outputs'];
  readonly transaction: Transaction;
  readonly coins: readonly WalletCoin[];
}

type Unsupported = () => Promise<never>;
const unsupported =
  (call: string): Unsupported =>
  () =>
    Promise.reject(new Error(`DevWallet does not offer ${call}.`));

/**
 * A BRC-100 wallet in memory, enough for unmodified `AuthFetch` and for token templates: keys, signatures, `createAction` and `signAction`.
 * It keeps its change and the ancestors of every transaction, so its Atomic BEEF always reaches back to proven ones. It never broadcasts and keeps
 * outputs in the order they were given.
 */
export class DevWallet extends ProtoWallet implements WalletInterface {
  readonly identityKey: string;
  /** Locks the coins that fund this wallet, and its change. */
  readonly coinKey: PrivateKey;
  private readonly coins = new WalletCoins();
  private readonly kept = new KeptOutputs();
  private readonly transactions = new Map<string, Transaction>();
  private readonly pending = new Map<string, PendingAction>();
  private actionCount = 0;

  constructor(rootKey: PrivateKey = PrivateKey.fromRandom()) {
    super(rootKey);
    const deriver = new KeyDeriver(rootKey);
    this.identityKey = deriver.identityKey;
    this.coinKey = deriver.derivePrivateKey([2, 'development wallet coins'], '1', 'self');
  }

  get coinAddress(): string {
    return this.coinKey.toAddress();
  }

  get coinPublicKeyHash(): string {
    return this.coinKey.toPublicKey().toHash('hex') as string;
  }

  get coinLockingScript(): LockingScript {
    return new P2PKH().lock(this.coinAddress);
  }

  get balance(): number {
    return this.coins.balance();
  }

  /** Makes output `vout` of the subject of `atomicBeef` spendable. It must be pay-to-public-key-hash of `key`. */
  addFunding(atomicBeef: Uint8Array | number[], vout: number, key: PrivateKey = this.coinKey): void {
    this.coins.add(this.learn(atomicBeef), vout, key);
  }

  /** Makes the ancestors in `atomicBeef` known, so that `createAction` can name their outputs without `inputBEEF`. */
  learn(atomicBeef: Uint8Array | number[]): Transaction {
    const transaction = Transaction.fromAtomicBEEF(atomicBeef);
    this.transactions.set(transaction.id('hex'), transaction);
    return transaction;
  }

  /** Attaches the proof of a transaction of this wallet, so that later BEEFs end there. */
  addProof(txid: string, bump: string): void {
    const transaction = this.transactions.get(txid);
    if (transaction === undefined) throw new Error(`The wallet does not know ${txid}.`);
    transaction.merklePath = MerklePath.fromHex(bump);
  }

  createAction = async (args: CreateActionArgs): Promise<CreateActionResult> => {
    refuseUnsupported(args);
    const transaction = new Transaction(args.version ?? 1, [], [], args.lockTime ?? 0);
    for (const input of args.inputs ?? []) transaction.addInput(this.readInput(input, args.inputBEEF));
    for (const output of args.outputs ?? []) {
      transaction.addOutput({
        satoshis: output.satoshis,
        lockingScript: LockingScript.fromHex(output.lockingScript),
      });
    }
    const coins = this.balanceTransaction(transaction, args.inputs ?? []);
    const mustWait =
      args.options?.signAndProcess === false ||
      (args.inputs ?? []).some((input) => input.unlockingScript === undefined);
    if (!mustWait)
      return this.finish({ transaction, coins, outputs: args.outputs }, args.options?.returnTXIDOnly === true);
    // The signable form has empty scripts where signatures will be; `sign` fills in the wallet's own.
    for (const input of transaction.inputs) input.unlockingScript ??= new UnlockingScript([]);
    this.actionCount += 1;
    const reference = Utils.toBase64(Utils.toArray(`action ${this.actionCount}`, 'utf8'));
    this.pending.set(reference, { transaction, coins, outputs: args.outputs });
    return { signableTransaction: { tx: transaction.toAtomicBEEF(true), reference } };
  };

  signAction = async (args: SignActionArgs): Promise<SignActionResult> => {
    const action = this.pending.get(args.reference);
    if (action === undefined) throw new Error('There is no action with this reference.');
    for (const [index, spend] of Object.entries(args.spends)) {
      const input = action.transaction.inputs[Number(index)];
      if (input === undefined) throw new Error(`The action has no input ${index}.`);
      input.unlockingScript = UnlockingScript.fromHex(spend.unlockingScript);
      if (spend.sequenceNumber !== undefined) input.sequence = spend.sequenceNumber;
    }
    this.pending.delete(args.reference);
    return this.finish(action, args.options?.returnTXIDOnly === true);
  };

  abortAction = async ({ reference }: { reference: string }): Promise<{ aborted: true }> => {
    const action = this.pending.get(reference);
    if (action === undefined) throw new Error('There is no action with this reference.');
    this.pending.delete(reference);
    this.coins.giveBack(action.coins);
    return { aborted: true };
  };

  isAuthenticated = async (): Promise<{ authenticated: true }> => ({ authenticated: true });
  waitForAuthentication = async (): Promise<{ authenticated: true }> => ({ authenticated: true });
  getNetwork = async (): Promise<{ network: 'testnet' }> => ({ network: 'testnet' });
  getVersion = async (): Promise<{ version: string }> => ({ version: 'devwallet-1.0.0' });
  listCertificates: WalletInterface['listCertificates'] = async () => ({
    totalCertificates: 0,
    certificates: [],
  });
  getHeight = unsupported('getHeight');
  getHeaderForHeight = unsupported('getHeaderForHeight');
  listActions = unsupported('listActions');
  internalizeAction = unsupported('internalizeAction');
  /** Unspent outputs that were made with a basket. */
  listOutputs = async (args: ListOutputsArgs): Promise<ListOutputsResult> => this.kept.list(args);
  relinquishOutput = unsupported('relinquishOutput');
  acquireCertificate = unsupported('acquireCertificate');
  proveCertificate: WalletInterface['proveCertificate'] = unsupported('proveCertificate');
  relinquishCertificate = unsupported('relinquishCertificate');
  discoverByIdentityKey = unsupported('discoverByIdentityKey');
  discoverByAttributes = unsupported('discoverByAttributes');

  private readInput(
    input: CreateActionInput,
    beef: CreateActionArgs['inputBEEF'],
  ): Parameters<Transaction['addInput']>[0] {
    const [txid = '', vout = ''] = input.outpoint.split('.');
    const source = this.transactions.get(txid) ?? (beef === undefined ? undefined : Transaction.fromBEEF(beef, txid));
    if (source === undefined) throw new Error(`The wallet does not know ${txid} and inputBEEF does not hold it.`);
    return {
      sourceTransaction: source,
      sourceOutputIndex: Number(vout),
      sequence: input.sequenceNumber ?? 0xffffffff,
      ...(input.unlockingScript === undefined
        ? {}
        : { unlockingScript: UnlockingScript.fromHex(input.unlockingScript) }),
    };
  }

  /** Adds coins and change until the fee is covered. Synchronous, so that calls in flight never share a coin. */
  private balanceTransaction(transaction: Transaction, inputs: readonly CreateActionInput[]): WalletCoin[] {
    const brought = transaction.inputs.reduce(
      (sum, input) => sum + (input.sourceTransaction?.outputs[input.sourceOutputIndex]?.satoshis ?? 0),
      0,
    );
    const paid = transaction.outputs.reduce((sum, output) => sum + (output.satoshis ?? 0), 0);
    const givenBytes =
      60 +
      inputs.reduce(
        (sum, input) => sum + 41 + (input.unlockingScriptLength ?? (input.unlockingScript?.length ?? 0) / 2),
        0,
      ) +
      transaction.outputs.reduce((sum, output) => sum + 17 + output.lockingScript.toUint8Array().length, 0);
    let coins: WalletCoin[] = [];
    let fee: number;
    for (;;) {
      const bytes = givenBytes + P2PKH_OUTPUT_BYTES + coins.length * (41 + P2PKH_UNLOCK_BYTES);
      fee = Math.ceil((bytes * FEE_SATOSHIS_PER_KB) / 1000);
      const held = coins.reduce((sum, coin) => sum + coin.satoshis, 0);
      if (brought + held >= paid + fee) break;
      this.coins.giveBack(coins);
      coins = this.coins.take(Math.max(held + 1, paid + fee - brought));
    }
    for (const coin of coins) {
      transaction.addInput({
        sourceTransaction: coin.transaction,
        sourceOutputIndex: coin.vout,
        unlockingScriptTemplate: new P2PKH().unlock(coin.key),
        sequence: 0xffffffff,
      });
    }
    const change = brought + coins.reduce((sum, coin) => sum + coin.satoshis, 0) - paid - fee;
    if (change > 0) transaction.addOutput({ satoshis: change, lockingScript: this.coinLockingScript });
    return coins;
  }

  private async finish(action: PendingAction, txidOnly: boolean): Promise<SignActionResult> {
    const { transaction, coins } = action;
    try {
      await transaction.sign();
    } catch (fault) {
      this.coins.giveBack(coins);
      throw fault;
    }
    const txid = transaction.id('hex');
    this.transactions.set(txid, transaction);
    this.kept.learn(transaction, action.outputs ?? []);
    const last = transaction.outputs.length - 1;
    const isChange = transaction.outputs[last]?.lockingScript.toHex() === this.coinLockingScript.toHex();
    if (isChange) this.coins.add(transaction, last, this.coinKey);
    return txidOnly ? { txid } : { txid, tx: transaction.toAtomicBEEF(false) };
  }
}

/** Silence would give the caller another transaction than the one asked for. `randomizeOutputs` is free: no order is a legal random order. */
const refuseUnsupported = (args: CreateActionArgs): void => {
  const { knownTxids, noSendChange, sendWith, trustSelf } = args.options ?? {};
  const lists = { knownTxids, noSendChange, sendWith };
  for (const [name, list] of Object.entries(lists)) {
    if (list !== undefined && list.length > 0)
      throw new Error(`DevWallet does not offer the createAction option ${name}.`);
  }
  if (trustSelf !== undefined) throw new Error('DevWallet does not offer the createAction option trustSelf.');
};

import { Beef, PushDrop, Transaction, type WalletInterface, type WalletProtocol } from '@bsv/sdk';
import type { Txid } from '#atomic-core';
import { readOctets } from '../discovery';

const PROTOCOL: WalletProtocol = [2, 'certificate revocation'];
/** Nobody else needs to derive its key. */
const COUNTERPARTY = 'self';
const BASKET = 'certificate revocation';
const TOKEN_SATOSHIS = 1;
/** A signature of at most 73 bytes with its flag, and the byte that pushes it. */
const UNLOCKING_BYTES = 74;

const spentTagOf = (id: string): string => `spent ${id}`;

export interface HeldOutpoint {
  readonly txid: Txid;
  readonly vout: number;
}

/** Outputs of the operator's wallet, one for each certification: tagged with its id, so that one that we lost on the way is found again. */
export class RevocationTokens {
  private readonly template: PushDrop;

  constructor(
    private readonly wallet: WalletInterface,
    private readonly originator: string,
  ) {
    this.template = new PushDrop(wallet, originator);
  }

  /** Its script, in hex. One certification has one. */
  async lock(id: string): Promise<string> {
    const field = [...Buffer.from(id.replaceAll('-', ''), 'hex')];
    return (await this.template.lock([field], PROTOCOL, id, COUNTERPARTY, true, false)).toHex();
  }

  /** What the wallet made before and nobody has spent, as Atomic BEEF. */
  find(id: string): Promise<Uint8Array | undefined> {
    return this.findTagged(id);
  }

  /** A transaction that the wallet signed before to spend it, as Atomic BEEF. Another would contradict it. */
  findSpend(id: string): Promise<Uint8Array | undefined> {
    return this.findTagged(spentTagOf(id));
  }

  /** As Atomic BEEF. */
  async make(id: string, lockingScript: string): Promise<Uint8Array> {
    const output = { satoshis: TOKEN_SATOSHIS, lockingScript, basket: BASKET, tags: [id] };
    const { tx } = await this.wallet.createAction(
      {
        description: 'make a revocation outpoint',
        outputs: [{ ...output, outputDescription: 'spent to revoke a certificate' }],
      },
      this.originator,
    );
    return readOctets(tx);
  }

  /** A transaction that spends it, as Atomic BEEF. `beef` holds the one that made it. It keeps an output, so that it is found again should its answer be lost. */
  async spend(id: string, { txid, vout }: HeldOutpoint, beef: Uint8Array): Promise<Uint8Array> {
    const input = { outpoint: `${txid}.${vout}`, unlockingScriptLength: UNLOCKING_BYTES };
    const lockingScript = await this.lock(id);
    const left = { satoshis: TOKEN_SATOSHIS, lockingScript, basket: BASKET, tags: [spentTagOf(id)] };
    const { signableTransaction } = await this.wallet.createAction(
      {
        description: 'revoke a certificate',
        inputBEEF: [...beef],
        inputs: [{ ...input, inputDescription: 'revocation outpoint' }],
        outputs: [{ ...left, outputDescription: 'left of a revocation' }],
      },
      this.originator,
    );
    if (signableTransaction === undefined) throw new Error('the wallet gave nothing to sign');
    const transaction = Transaction.fromAtomicBEEF([...readOctets(signableTransaction.tx)]);
    const index = transaction.inputs.findIndex(
      ({ sourceTransaction, sourceTXID, sourceOutputIndex }) =>
        sourceOutputIndex === vout && (sourceTXID ?? sourceTransaction?.id('hex')) === txid,
    );
    if (index < 0) throw new Error('the wallet left out the input that it was asked to spend');
    const unlocking = await this.template.unlock(PROTOCOL, id, COUNTERPARTY).sign(transaction, index);
    const { reference } = signableTransaction;
    const spends = { [index]: { unlockingScript: unlocking.toHex() } };
    const { tx } = await this.wallet.signAction({ reference, spends }, this.originator);
    return readOctets(tx);
  }

  private async findTagged(tag: string): Promise<Uint8Array | undefined> {
    const asked = { basket: BASKET, tags: [tag], include: 'entire transactions' as const, limit: 1 };
    const { outputs, BEEF } = await this.wallet.listOutputs(asked, this.originator);
    const [first] = outputs;
    if (first === undefined) return undefined;
    const beef = Beef.fromBinary([...readOctets(BEEF)]);
    return Uint8Array.from(beef.toBinaryAtomic(first.outpoint.split('.')[0] ?? ''));
  }
}

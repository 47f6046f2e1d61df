import { createHash } from 'node:crypto';
import { sha256d, txidToWire, type Txid } from '#atomic-core';
import { buildTransaction, uint, varint, type BuiltTransaction } from '#testkit';
import type { CurveBinding } from './curve-binding';

/** A P2PKH output that this bench can spend. */
export interface Coin {
  readonly txid: Txid;
  readonly vout: number;
  readonly satoshis: number;
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly lockingScript: Uint8Array;
}

/** What a bare library needs to check one signature of a fixture. */
export interface SignedDigest {
  readonly digest: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly der: Uint8Array;
  /** r and s, 64 bytes. */
  readonly compact: Uint8Array;
}

export interface MadeTransaction extends BuiltTransaction {
  readonly coins: readonly Coin[];
}

const SIGHASH_ALL_FORKID = 0x41;
const SEQUENCE = 0xffffffff;
const FEE_SATOSHIS = 10;

const digestOf = (algorithm: string, bytes: Uint8Array): Buffer => createHash(algorithm).update(bytes).digest();

const lockTo = (publicKey: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from('76a914', 'hex'),
    digestOf('ripemd160', digestOf('sha256', publicKey)),
    Buffer.from('88ac', 'hex'),
  ]);

const writeOutput = (satoshis: number, script: Uint8Array): Buffer =>
  Buffer.concat([uint(satoshis, 8), varint(script.length), script]);

const writeOutpoint = ({ txid, vout }: Coin): Buffer => Buffer.concat([txidToWire(txid), uint(vout, 4)]);

/**
 * Makes transactions whose every key is fresh and whose every byte follows from the seed, so that two runs measure the same BEEFs. Signs by its own preimage
 * (BIP143 with FORKID): a fixture that ours and the SDK both accept is also a witness that neither is asked about its own work.
 */
export class CoinPurse {
  readonly signed: SignedDigest[] = [];
  private count = 0;

  constructor(
    private readonly curve: CurveBinding,
    private readonly seed: string,
  ) {}

  /** 32 bytes that nothing else in this run has. */
  draw(): Buffer {
    this.count += 1;
    return digestOf('sha256', Buffer.from(`portcullis bench ${this.seed} ${String(this.count)}`));
  }

  /** A transaction to be given a BUMP: its input is never looked at. */
  fund(outputs: number, satoshis: number): MadeTransaction {
    const locks = Array.from({ length: outputs }, () => this.createLock());
    const built = buildTransaction({
      inputs: [{ txid: this.draw().toString('hex') as Txid }],
      outputs: locks.map(({ lockingScript }) => ({ satoshis, script: lockingScript })),
    });
    return { ...built, coins: locks.map((lock, vout) => ({ ...lock, txid: built.txid, vout, satoshis })) };
  }

  /** Spends `spent` to `outputs` fresh keys: the first takes nearly all, so that a chain can be long. */
  spend(spent: readonly Coin[], outputs: number): MadeTransaction {
    const total = spent.reduce((sum, { satoshis }) => sum + satoshis, 0);
    const locks = Array.from({ length: outputs }, (_, vout) => ({
      ...this.createLock(),
      satoshis: vout === 0 ? total - outputs * FEE_SATOSHIS : FEE_SATOSHIS,
    }));
    const scripts = this.sign(
      spent,
      locks.map(({ satoshis, lockingScript }) => writeOutput(satoshis, lockingScript)),
    );
    const built = buildTransaction({
      inputs: spent.map(({ txid, vout }, index) => ({ txid, vout, script: scripts[index]!, sequence: SEQUENCE })),
      outputs: locks.map(({ satoshis, lockingScript }) => ({ satoshis, script: lockingScript })),
    });
    return { ...built, coins: locks.map((lock, vout) => ({ ...lock, txid: built.txid, vout })) };
  }

  private createLock(): Pick<Coin, 'secret' | 'publicKey' | 'lockingScript'> {
    const secret = this.draw();
    const publicKey = this.curve.publicKeyCreate(secret);
    return { secret, publicKey, lockingScript: lockTo(publicKey) };
  }

  private sign(spent: readonly Coin[], outputs: readonly Uint8Array[]): Buffer[] {
    const hashPrevouts = sha256d(Buffer.concat(spent.map(writeOutpoint)));
    const hashSequence = sha256d(Buffer.concat(spent.map(() => uint(SEQUENCE, 4))));
    const hashOutputs = sha256d(Buffer.concat(outputs));
    const before = Buffer.concat([uint(1, 4), hashPrevouts, hashSequence]);
    const after = Buffer.concat([uint(SEQUENCE, 4), hashOutputs, uint(0, 4), uint(SIGHASH_ALL_FORKID, 4)]);
    return spent.map((coin) => {
      const script = Buffer.concat([varint(coin.lockingScript.length), coin.lockingScript]);
      const preimage = Buffer.concat([before, writeOutpoint(coin), script, uint(coin.satoshis, 8), after]);
      const digest = sha256d(preimage);
      const { signature: compact } = this.curve.ecdsaSign(digest, coin.secret);
      const der = this.curve.signatureExport(compact);
      this.signed.push({ digest, publicKey: coin.publicKey, der, compact });
      return Buffer.concat([uint(der.length + 1, 1), der, uint(SIGHASH_ALL_FORKID, 1), uint(33, 1), coin.publicKey]);
    });
  }
}

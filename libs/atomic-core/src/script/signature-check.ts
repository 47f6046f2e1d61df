import { OP, type Script } from '@bsv/sdk';
import { type BeefTape, TRANSACTION_ROW, TX_END, TX_START } from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { usesOriginalDigest } from './hash-types';
import type { OpenSpend } from './open-spend';
import { originalDigest } from './original-digest';
import { type ScriptBudget, charge } from './script-budget';
import type { SighashBatch, SignedInput } from './sighash-batch';

/** The fixed parts of what is signed, rounded up. */
const PREIMAGE_BYTES = 256;

/** One signature that a script checks. */
export interface CheckedSignature {
  /** 64 bytes: r and s. */
  readonly compact: Uint8Array;
  readonly hashType: number;
  readonly key: Uint8Array;
  readonly scriptCode: Uint8Array;
}

/** The signature check of one interpreted input: our digests and our curve in place of the SDK's, at a fortieth of the cost. */
export class SignatureCheck {
  private readonly verdicts = new Uint8Array(1);
  private readonly keySpans = new Uint32Array(2);
  private scriptCode: Uint8Array | undefined;
  private hashType = -1;
  private digest = new Uint8Array(32);
  private readonly separated: { script: Script | undefined; chunk: number; start: number; code: Uint8Array } = {
    ...{ script: undefined, chunk: 0, start: 0 },
    code: new Uint8Array(0),
  };

  constructor(
    private readonly place: { readonly tape: BeefTape; readonly signed: SignedInput },
    private readonly crypto: CryptoBackend,
    private readonly sighash: SighashBatch,
    private readonly budget: ScriptBudget,
  ) {}

  isSignedBy({ compact, hashType, key, scriptCode }: CheckedSignature): boolean {
    charge(this.budget, 'signatures', 1);
    this.keySpans[1] = key.length;
    this.crypto.verifyBatch({
      count: 1,
      digests: this.findDigest(scriptCode, hashType),
      signatures: compact,
      keyBytes: key,
      keySpans: this.keySpans,
      verdicts: this.verdicts,
    });
    return this.verdicts[0] === 1;
  }

  chargeBytes(count: number): void {
    charge(this.budget, 'signedBytes', count);
  }

  /** From the last OP_CODESEPARATOR on that was executed, as the bytes stand in the script. Found by going on from the one before: a script has no loops. */
  readScriptCode({ context, lastCodeSeparator, unlockingScript, lockingScript }: OpenSpend): Uint8Array {
    const script = context === 'UnlockingScript' ? unlockingScript : lockingScript;
    const whole = script.toUint8Array();
    if (lastCodeSeparator === null) return whole;
    const { separated } = this;
    if (separated.script !== script || separated.chunk > lastCodeSeparator)
      Object.assign(separated, { script, chunk: 0, start: 0, code: whole });
    let moved = false;
    while (separated.chunk <= lastCodeSeparator) {
      const chunk = script.chunks[separated.chunk++];
      if (!chunk) break;
      separated.start += 1 + (chunk.data?.length ?? 0);
      if (chunk.op >= OP.OP_PUSHDATA1 && chunk.op <= OP.OP_PUSHDATA4)
        separated.start += 1 << (chunk.op - OP.OP_PUSHDATA1);
      moved = true;
    }
    if (moved) separated.code = whole.subarray(separated.start);
    return separated.code;
  }

  /** A script that checks many keys, or one many times, signs the same bytes each time. */
  private findDigest(scriptCode: Uint8Array, hashType: number): Uint8Array {
    if (scriptCode === this.scriptCode && hashType === this.hashType) return this.digest;
    const { tape, signed } = this.place;
    const row = signed.transaction * TRANSACTION_ROW;
    const transactionBytes =
      (tape.transactions[row + TX_END] as number) - (tape.transactions[row + TX_START] as number);
    const original = usesOriginalDigest(hashType);
    charge(this.budget, 'signedBytes', PREIMAGE_BYTES + scriptCode.length + (original ? transactionBytes : 0));
    if (original) {
      this.digest = Uint8Array.from(originalDigest(tape, { ...signed, hashType, scriptCode }));
    } else {
      this.sighash.order(signed, hashType);
      this.sighash.compute(scriptCode);
      this.digest.set(this.sighash.digests.subarray(0, 32));
    }
    this.scriptCode = scriptCode;
    this.hashType = hashType;
    return this.digest;
  }
}

import {
  type BeefTape,
  IN_OUTPOINT,
  IN_SCRIPT_END,
  INPUT_ROW,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  OUT_SCRIPT,
  OUT_SCRIPT_END,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_OUTPUTS,
  TX_START,
} from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { SIGHASH_ANYONECANPAY, SIGHASH_BASE_MASK, SIGHASH_NONE, SIGHASH_SINGLE } from './hash-types';
import { InnerHashes, ONE_OUTPUT, OUTPUTS, PREVOUTS, SEQUENCES, copyBytes } from './inner-hashes';

const DIGEST_BYTES = 32;
/** version, hashPrevouts, hashSequence, outpoint; value, sequence, hashOutputs, lock time, hash type */
const FIXED_BYTES = 4 + 32 + 32 + 36 + 8 + 4 + 32 + 4 + 4;
const VARINT_BYTES_MAX = 5;

/** transaction row, input row, row of the output that it spends, hash type, slots of the three inner hashes */
const ORDER_ROW = 7;
const TRANSACTION = 0;
const INPUT = 1;
const SPENT_OUTPUT = 2;
const HASH_TYPE = 3;
const PREVOUTS_SLOT = 4;
const SEQUENCES_SLOT = 5;
const OUTPUTS_SLOT = 6;

/** Whose signature it is: rows of the tape. */
export interface SignedInput {
  transaction: number;
  input: number;
  spentOutput: number;
}

/**
 * Digests of the fork (BIP143 with FORKID), many at a time: ordered one by one, computed in two calls of the backend (inner hashes, then digests), without
 * an object for any of them. One batch serves one BEEF, so that what several signatures commit to is hashed once.
 */
export class SighashBatch {
  /** 32 bytes for each order, in their order, after `compute`. Valid until the next one. */
  digests = new Uint8Array(0);
  private readonly inner: InnerHashes;
  private orders = new Uint32Array(ORDER_ROW * 16);
  private count = 0;
  private preimageBytes = 0;
  private preimages = new Uint8Array(0);
  private spans = new Uint32Array(0);
  private readonly span = { start: 0, end: 0 };

  constructor(
    private readonly tape: BeefTape,
    private readonly crypto: CryptoBackend,
  ) {
    this.inner = new InnerHashes(tape);
  }

  /** The place of its digest after the next `compute`. */
  order({ transaction, input, spentOutput }: SignedInput, hashType: number): number {
    const at = this.count * ORDER_ROW;
    if (at === this.orders.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(this.orders);
      this.orders = grown;
    }
    const { orders, inner } = this;
    const base = hashType & SIGHASH_BASE_MASK;
    const everyInput = (hashType & SIGHASH_ANYONECANPAY) === 0;
    const everyOutput = base !== SIGHASH_NONE && base !== SIGHASH_SINGLE;
    orders[at + TRANSACTION] = transaction;
    orders[at + INPUT] = input;
    orders[at + SPENT_OUTPUT] = spentOutput;
    orders[at + HASH_TYPE] = hashType;
    orders[at + PREVOUTS_SLOT] = everyInput ? inner.find(PREVOUTS, transaction) : 0;
    orders[at + SEQUENCES_SLOT] = everyInput && everyOutput ? inner.find(SEQUENCES, transaction) : 0;
    if (everyOutput) orders[at + OUTPUTS_SLOT] = inner.find(OUTPUTS, transaction);
    else orders[at + OUTPUTS_SLOT] = base === SIGHASH_SINGLE ? this.findSingle(transaction, input) : 0;
    const script = spentOutput * OUTPUT_ROW;
    const { outputs } = this.tape;
    this.preimageBytes += (outputs[script + OUT_SCRIPT_END] as number) - (outputs[script + OUT_SCRIPT] as number);
    return this.count++;
  }

  /** Takes the script code from the spent outputs, or for a single order from `scriptCode`: the interpreter cuts it at an OP_CODESEPARATOR. */
  compute(scriptCode?: Uint8Array): void {
    const { count, crypto, inner } = this;
    this.preimageBytes += count * (FIXED_BYTES + VARINT_BYTES_MAX) + (scriptCode?.length ?? 0);
    if (this.preimages.length < this.preimageBytes) this.preimages = new Uint8Array(this.preimageBytes);
    if (this.digests.length < count * DIGEST_BYTES) {
      this.digests = new Uint8Array(count * DIGEST_BYTES);
      this.spans = new Uint32Array(count * 2);
    }
    inner.compute(crypto);
    let at = 0;
    for (let index = 0; index < count; index++) {
      this.spans[index * 2] = at;
      at = this.writePreimage(index * ORDER_ROW, at, scriptCode);
      this.spans[index * 2 + 1] = at;
    }
    crypto.sha256dSpans(this.preimages, this.spans, count, this.digests);
    this.count = 0;
    this.preimageBytes = 0;
  }

  /** SINGLE without an output of the same index signs zeros: the fork's algorithm has no "one". */
  private findSingle(transaction: number, input: number): number {
    const { transactions } = this.tape;
    const row = transaction * TRANSACTION_ROW;
    const index = input - (transactions[row + TX_FIRST_INPUT] as number);
    if (index >= (transactions[row + TX_OUTPUTS] as number)) return 0;
    return this.inner.find(ONE_OUTPUT, (transactions[row + TX_FIRST_OUTPUT] as number) + index);
  }

  private writePreimage(order: number, start: number, scriptCode: Uint8Array | undefined): number {
    const { bytes, transactions, inputs, outputs } = this.tape;
    const { orders, preimages } = this;
    const transaction = (orders[order + TRANSACTION] as number) * TRANSACTION_ROW;
    const input = (orders[order + INPUT] as number) * INPUT_ROW;
    const spent = (orders[order + SPENT_OUTPUT] as number) * OUTPUT_ROW;
    let at = this.copy(bytes, transactions[transaction + TX_START] as number, start, 4);
    at = this.copyHash(orders[order + PREVOUTS_SLOT] as number, at);
    at = this.copyHash(orders[order + SEQUENCES_SLOT] as number, at);
    at = this.copy(bytes, inputs[input + IN_OUTPOINT] as number, at, 36);
    if (scriptCode) {
      at = this.writeScript(scriptCode, 0, scriptCode.length, at);
    } else {
      const end = outputs[spent + OUT_SCRIPT_END] as number;
      at = this.writeScript(bytes, outputs[spent + OUT_SCRIPT] as number, end, at);
    }
    at = this.copy(bytes, outputs[spent + OUT_SATOSHIS] as number, at, 8);
    at = this.copy(bytes, inputs[input + IN_SCRIPT_END] as number, at, 4);
    at = this.copyHash(orders[order + OUTPUTS_SLOT] as number, at);
    at = this.copy(bytes, (transactions[transaction + TX_END] as number) - 4, at, 4);
    const hashType = orders[order + HASH_TYPE] as number;
    for (let shift = 0; shift < 32; shift += 8) preimages[at++] = hashType >>> shift;
    return at;
  }

  private writeScript(from: Uint8Array, start: number, end: number, target: number): number {
    let at = target;
    const { preimages, span } = this;
    const length = end - start;
    if (length < 0xfd) preimages[at++] = length;
    else {
      const width = length < 0x1_0000 ? 2 : 4;
      preimages[at++] = width === 2 ? 0xfd : 0xfe;
      for (let shift = 0; shift < width * 8; shift += 8) preimages[at++] = length >>> shift;
    }
    span.start = start;
    span.end = end;
    copyBytes(from, span, preimages, at);
    return at + length;
  }

  private copyHash(slot: number, at: number): number {
    return this.copy(this.inner.hashes, slot * DIGEST_BYTES, at, DIGEST_BYTES);
  }

  private copy(from: Uint8Array, start: number, at: number, length: number): number {
    const { preimages } = this;
    for (let index = 0; index < length; index++) preimages[at + index] = from[start + index] as number;
    return at + length;
  }
}

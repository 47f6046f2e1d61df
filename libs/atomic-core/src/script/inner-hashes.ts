import {
  type BeefTape,
  IN_OUTPOINT,
  IN_SCRIPT_END,
  INPUT_ROW,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  OUT_SCRIPT_END,
  TRANSACTION_ROW,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
} from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';

/** What of a transaction a digest commits to: the first three are hashed once for all its inputs, an output alone once for the input that signs it. */
export const PREVOUTS = 0;
export const SEQUENCES = 1;
export const OUTPUTS = 2;
export const ONE_OUTPUT = 3;
type Kind = typeof PREVOUTS | typeof SEQUENCES | typeof OUTPUTS | typeof ONE_OUTPUT;

const HASH_BYTES = 32;
const KINDS_OF_TRANSACTION = 3;
const OUTPOINT_BYTES = 36;
const SEQUENCE_BYTES = 4;

/** Short stretches byte by byte: a view for each would be the dearest part of the copy. */
export const copyBytes = (from: Uint8Array, span: { start: number; end: number }, to: Uint8Array, at: number): void => {
  if (span.end - span.start > 256) {
    to.set(from.subarray(span.start, span.end), at);
    return;
  }
  for (let index = span.start; index < span.end; index++) to[at++] = from[index] as number;
};

/**
 * The hashes inside the signed bytes. They are asked for first, hashed together, then read by their slot: the SDK hashes all outpoints of a transaction
 * again for each of its inputs, which makes a thousand inputs twice as dear as a hundred.
 */
export class InnerHashes {
  /** 32 bytes for each slot. Slot 0 holds the zeros that stand for what a hash type leaves out. */
  hashes = new Uint8Array(HASH_BYTES * 16);
  private readonly slots: Uint32Array;
  private readonly span = { start: 0, end: 0 };
  private used = 1;
  private pending = new Uint32Array(64);
  private pendingCount = 0;
  private pendingBytes = 0;
  private singleRow = -1;
  private singleSlot = 0;

  constructor(private readonly tape: BeefTape) {
    this.slots = new Uint32Array((tape.transactions.length / TRANSACTION_ROW) * KINDS_OF_TRANSACTION);
  }

  /** The slot where the hash will stand after the next `compute`. `row` is the transaction's, or the output's for one output. */
  find(kind: Kind, row: number): number {
    if (kind === ONE_OUTPUT) {
      if (row !== this.singleRow) {
        this.singleSlot = this.order(kind, row);
        this.singleRow = row;
      }
      return this.singleSlot;
    }
    const known = this.slots[row * KINDS_OF_TRANSACTION + kind] as number;
    return known === 0 ? (this.slots[row * KINDS_OF_TRANSACTION + kind] = this.order(kind, row)) : known;
  }

  compute(crypto: CryptoBackend): void {
    if (this.pendingCount === 0) return;
    const bytes = new Uint8Array(this.pendingBytes);
    const spans = new Uint32Array(this.pendingCount * 2);
    let at = 0;
    for (let index = 0; index < this.pendingCount; index++) {
      spans[index * 2] = at;
      at = this.write(this.pending[index * 2] as Kind, this.pending[index * 2 + 1] as number, bytes, at);
      spans[index * 2 + 1] = at;
    }
    const first = (this.used - this.pendingCount) * HASH_BYTES;
    this.makeRoom();
    crypto.sha256dSpans(bytes, spans, this.pendingCount, this.hashes.subarray(first));
    this.pendingCount = 0;
    this.pendingBytes = 0;
  }

  private order(kind: Kind, row: number): number {
    if (this.pendingCount * 2 === this.pending.length) {
      const grown = new Uint32Array(this.pending.length * 2);
      grown.set(this.pending);
      this.pending = grown;
    }
    this.pending[this.pendingCount * 2] = kind;
    this.pending[this.pendingCount * 2 + 1] = row;
    this.pendingCount++;
    this.pendingBytes += this.measure(kind, row);
    return this.used++;
  }

  private makeRoom(): void {
    if (this.used * HASH_BYTES <= this.hashes.length) return;
    const grown = new Uint8Array(Math.max(this.used * HASH_BYTES, this.hashes.length * 2));
    grown.set(this.hashes);
    this.hashes = grown;
  }

  private measure(kind: Kind, row: number): number {
    const { transactions } = this.tape;
    if (kind === PREVOUTS) return (transactions[row * TRANSACTION_ROW + TX_INPUTS] as number) * OUTPOINT_BYTES;
    if (kind === SEQUENCES) return (transactions[row * TRANSACTION_ROW + TX_INPUTS] as number) * SEQUENCE_BYTES;
    this.locateOutputs(kind, row);
    return this.span.end - this.span.start;
  }

  /** Outputs stand in the BEEF as they are hashed. */
  private locateOutputs(kind: Kind, row: number): void {
    const { transactions, outputs } = this.tape;
    const first = kind === ONE_OUTPUT ? row : (transactions[row * TRANSACTION_ROW + TX_FIRST_OUTPUT] as number);
    const count = kind === ONE_OUTPUT ? 1 : (transactions[row * TRANSACTION_ROW + TX_OUTPUTS] as number);
    this.span.start = count === 0 ? 0 : (outputs[first * OUTPUT_ROW + OUT_SATOSHIS] as number);
    this.span.end = count === 0 ? 0 : (outputs[(first + count - 1) * OUTPUT_ROW + OUT_SCRIPT_END] as number);
  }

  private write(kind: Kind, row: number, to: Uint8Array, at: number): number {
    const { bytes, transactions, inputs } = this.tape;
    if (kind === OUTPUTS || kind === ONE_OUTPUT) {
      this.locateOutputs(kind, row);
      copyBytes(bytes, this.span, to, at);
      return at + this.span.end - this.span.start;
    }
    const place = kind === PREVOUTS ? IN_OUTPOINT : IN_SCRIPT_END;
    const width = kind === PREVOUTS ? OUTPOINT_BYTES : SEQUENCE_BYTES;
    const first = transactions[row * TRANSACTION_ROW + TX_FIRST_INPUT] as number;
    const end = first + (transactions[row * TRANSACTION_ROW + TX_INPUTS] as number);
    for (let input = first; input < end; input++) {
      const from = inputs[input * INPUT_ROW + place] as number;
      for (let index = 0; index < width; index++) to[at++] = bytes[from + index] as number;
    }
    return at;
  }
}

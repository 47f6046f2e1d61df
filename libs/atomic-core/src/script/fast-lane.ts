import type { BeefGraph } from '../beef/beef-graph';
import { IN_SCRIPT, IN_SCRIPT_END, INPUT_ROW, OUTPUT_ROW, OUT_SCRIPT, OUT_SCRIPT_END } from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { BEFORE_GENESIS, type CoinEras } from '../spv/date-coins';
import { locateInput } from './locate-input';
import {
  KEY,
  KEY_HASH,
  MULTISIG,
  OPEN,
  TRUE,
  isKey,
  isMinimalPush,
  isPush,
  isTimeless,
  isTruePush,
  recogniseLock,
} from './recognise-lock';
import { judgeMultisig } from './judge-multisig';
import { readSignature } from './read-signature';
import { endOfOpcode } from './script-walk';
import { SighashBatch } from './sighash-batch';

const COMPACT_BYTES = 64;
const HASH_BYTES = 20;

/**
 * Judges inputs a chunk at a time: recognise, gather, then a few calls of the backend for all of them. It only ever accepts; what it does not is for the
 * interpreter to judge (decision 23). Nothing here is an object, a view or a closure for one input.
 */
export class FastLane {
  readonly sighash: SighashBatch;
  private readonly lock = { kind: 0, start: 0, end: 0, signatures: 0, keys: 0 };
  private readonly signed = { transaction: 0, input: 0, spentOutput: 0 };
  private readonly script = { start: 0, end: 0 };
  private readonly push = { start: 0, end: 0 };
  private readonly signatures: Uint8Array;
  private readonly keySpans: Uint32Array;
  private readonly verdicts: Uint8Array;
  /** Of each signature: the place of its input among the rows. */
  private readonly places: Uint32Array;
  private readonly hashSpans: Uint32Array;
  /** Of each key hash: where it stands, and which signature it is for. */
  private readonly hashPlaces: Uint32Array;
  private readonly hashOwners: Uint32Array;
  private readonly hashes: Uint8Array;
  private readonly multisigs: Uint32Array;
  private count = 0;
  private hashCount = 0;
  private multisigCount = 0;

  constructor(
    private readonly graph: BeefGraph & CoinEras,
    private readonly crypto: CryptoBackend,
    private readonly chunk: number,
  ) {
    this.sighash = new SighashBatch(graph.tape, crypto);
    this.signatures = new Uint8Array(chunk * COMPACT_BYTES);
    this.keySpans = new Uint32Array(chunk * 2);
    this.verdicts = new Uint8Array(chunk);
    this.places = new Uint32Array(chunk);
    this.hashSpans = new Uint32Array(chunk * 2);
    this.hashPlaces = new Uint32Array(chunk);
    this.hashOwners = new Uint32Array(chunk);
    this.hashes = new Uint8Array(chunk * HASH_BYTES);
    this.multisigs = new Uint32Array(chunk);
  }

  /**
   * Sets 1 in `accepted` for each of the rows from `start` on, at most a chunk of them, that it accepts. False when a script that it knows was not
   * satisfied: the interpreter will refuse that one, so to go on would be work for nothing.
   */
  judge(rows: Uint32Array, start: number, accepted: Uint8Array): boolean {
    this.count = this.hashCount = this.multisigCount = 0;
    const end = Math.min(start + this.chunk, rows.length);
    for (let place = start; place < end; place++) {
      if (accepted[place] !== 1 && this.gather(rows[place] as number, place)) accepted[place] = 1;
    }
    const good = this.verify(accepted);
    return this.verifyMultisigs(rows, accepted) && good;
  }

  /** True for an input that needs no signature and is satisfied. */
  private gather(row: number, place: number): boolean {
    const { graph, lock, script, signed } = this;
    const { bytes, inputs, outputs } = graph.tape;
    if (!locateInput(graph, row, signed)) return false;
    script.start = outputs[signed.spentOutput * OUTPUT_ROW + OUT_SCRIPT] as number;
    script.end = outputs[signed.spentOutput * OUTPUT_ROW + OUT_SCRIPT_END] as number;
    recogniseLock(bytes, script, lock);
    const eras = graph.coinEras[graph.parents[row] as number] ?? BEFORE_GENESIS;
    if ((eras & BEFORE_GENESIS) !== 0 && !isTimeless(script, lock)) return false;
    const start = inputs[row * INPUT_ROW + IN_SCRIPT] as number;
    const end = inputs[row * INPUT_ROW + IN_SCRIPT_END] as number;
    if (lock.kind === KEY || lock.kind === KEY_HASH) this.gatherSigned(start, end, place);
    else if (lock.kind === MULTISIG) this.multisigs[this.multisigCount++] = place;
    else if (lock.kind === TRUE) return start === end;
    else if (lock.kind === OPEN)
      return (
        start < end &&
        isPush(bytes[start] as number) &&
        endOfOpcode(bytes, start) === end &&
        isMinimalPush(bytes, start) &&
        isTruePush(bytes, start)
      );
    return false;
  }

  /** `<signature>` for a key, `<signature> <key>` for the hash of one. */
  private gatherSigned(start: number, end: number, place: number): void {
    const { count, keySpans, lock, push, signed } = this;
    const { bytes } = this.graph.tape;
    push.start = start + 1;
    push.end = start + 1 + (bytes[start] as number);
    if (start === end || push.end > end || (lock.kind === KEY && push.end !== end)) return;
    if (lock.kind === KEY_HASH) {
      // A push of 33 or 65 bytes has one minimal form: its length, itself.
      if (push.end + 1 + (bytes[push.end] as number) !== end || !isKey(bytes, push.end + 1, end)) return;
      keySpans[count * 2] = push.end + 1;
      keySpans[count * 2 + 1] = end;
    } else {
      keySpans[count * 2] = lock.start;
      keySpans[count * 2 + 1] = lock.end;
    }
    const hashType = readSignature(bytes, push, this.signatures, count * COMPACT_BYTES);
    if (hashType === 0) return;
    this.sighash.order(signed, hashType);
    this.places[count] = place;
    if (lock.kind === KEY_HASH) {
      this.hashSpans[this.hashCount * 2] = keySpans[count * 2] as number;
      this.hashSpans[this.hashCount * 2 + 1] = end;
      this.hashPlaces[this.hashCount] = lock.start;
      this.hashOwners[this.hashCount++] = count;
    }
    this.count++;
  }

  private verify(accepted: Uint8Array): boolean {
    const { count, crypto, graph, keySpans, places, signatures, sighash, verdicts } = this;
    if (count === 0) return true;
    sighash.compute();
    const { bytes } = graph.tape;
    crypto.verifyBatch({ count, digests: sighash.digests, signatures, keyBytes: bytes, keySpans, verdicts });
    this.compareHashes();
    let good = true;
    for (let index = 0; index < count; index++) {
      if (verdicts[index] === 1) accepted[places[index] as number] = 1;
      else good = false;
    }
    return good;
  }

  private compareHashes(): void {
    const { crypto, graph, hashCount, hashes, hashOwners, hashPlaces, hashSpans, verdicts } = this;
    const { bytes } = graph.tape;
    if (hashCount > 0) crypto.hash160Spans(bytes, hashSpans, hashCount, hashes);
    for (let index = 0; index < hashCount; index++) {
      const place = hashPlaces[index] as number;
      for (let byte = 0; byte < HASH_BYTES; byte++) {
        if (hashes[index * HASH_BYTES + byte] !== bytes[place + byte]) verdicts[hashOwners[index] as number] = 0;
      }
    }
  }

  private verifyMultisigs(rows: Uint32Array, accepted: Uint8Array): boolean {
    const { crypto, graph, lock, script, sighash, signed } = this;
    const { bytes, outputs } = graph.tape;
    let good = true;
    for (let index = 0; index < this.multisigCount; index++) {
      const place = this.multisigs[index] as number;
      locateInput(graph, rows[place] as number, signed);
      script.start = outputs[signed.spentOutput * OUTPUT_ROW + OUT_SCRIPT] as number;
      script.end = outputs[signed.spentOutput * OUTPUT_ROW + OUT_SCRIPT_END] as number;
      recogniseLock(bytes, script, lock);
      if (judgeMultisig({ tape: graph.tape, crypto, sighash, signed }, lock)) accepted[place] = 1;
      else good = false;
    }
    return good;
  }
}

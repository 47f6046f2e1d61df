import {
  type BeefTape,
  IN_OUTPOINT,
  IN_SCRIPT_END,
  INPUT_ROW,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  OUT_SCRIPT_END,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
  TX_START,
} from '../beef/beef-tape';
import { ByteWriter } from '../beef/byte-writer';
import { sha256d } from '../bytes';
import { SIGHASH_ANYONECANPAY, SIGHASH_BASE_MASK, SIGHASH_NONE, SIGHASH_SINGLE } from './hash-types';
import { removeCodeSeparators } from './script-walk';
import type { SignedInput } from './sighash-batch';

/** The value -1 and an empty script: what SINGLE signs in place of each output before its own. */
const NO_OUTPUT = Uint8Array.from([...Array.from({ length: 8 }, () => 0xff), 0]);
const NO_SCRIPT = new Uint8Array(0);
const ZERO_SEQUENCE = new Uint8Array(4);
/** "One" as the node's little-endian number, for SINGLE without an output of its index: a digest that signs nothing at all. */
const ONE = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0));

interface OriginalOrder extends SignedInput {
  readonly hashType: number;
  readonly scriptCode: Uint8Array;
}

const numberAt = (rows: Uint32Array, at: number): number => rows[at] as number;

const writeInputs = (writer: ByteWriter, tape: BeefTape, order: OriginalOrder): void => {
  const { bytes, transactions, inputs } = tape;
  const scriptCode = removeCodeSeparators(order.scriptCode);
  const base = order.hashType & SIGHASH_BASE_MASK;
  const alone = (order.hashType & SIGHASH_ANYONECANPAY) !== 0;
  const first = alone ? order.input : numberAt(transactions, order.transaction * TRANSACTION_ROW + TX_FIRST_INPUT);
  const count = alone ? 1 : numberAt(transactions, order.transaction * TRANSACTION_ROW + TX_INPUTS);
  writer.writeVarint(count);
  for (let input = first; input < first + count; input++) {
    const outpoint = numberAt(inputs, input * INPUT_ROW + IN_OUTPOINT);
    const sequence = numberAt(inputs, input * INPUT_ROW + IN_SCRIPT_END);
    const free = input !== order.input && (base === SIGHASH_NONE || base === SIGHASH_SINGLE);
    writer
      .writeBytes(bytes.subarray(outpoint, outpoint + 36))
      .writeScript(input === order.input ? scriptCode : NO_SCRIPT)
      .writeBytes(free ? ZERO_SEQUENCE : bytes.subarray(sequence, sequence + 4));
  }
};

const writeOutputs = (writer: ByteWriter, tape: BeefTape, { transaction, input, hashType }: OriginalOrder): void => {
  const { bytes, transactions, outputs } = tape;
  const row = transaction * TRANSACTION_ROW;
  const first = numberAt(transactions, row + TX_FIRST_OUTPUT);
  const base = hashType & SIGHASH_BASE_MASK;
  if (base === SIGHASH_NONE) {
    writer.writeVarint(0);
    return;
  }
  const single = base === SIGHASH_SINGLE;
  const index = input - numberAt(transactions, row + TX_FIRST_INPUT);
  const count = single ? index + 1 : numberAt(transactions, row + TX_OUTPUTS);
  writer.writeVarint(count);
  for (let before = 0; single && before < index; before++) writer.writeBytes(NO_OUTPUT);
  if (count === 0) return;
  const start = numberAt(outputs, (first + (single ? index : 0)) * OUTPUT_ROW + OUT_SATOSHIS);
  writer.writeBytes(bytes.subarray(start, numberAt(outputs, (first + count - 1) * OUTPUT_ROW + OUT_SCRIPT_END)));
};

/** The digest of before the fork: it writes the whole transaction for each signature, so its cost is counted by whoever asks. */
export const originalDigest = (tape: BeefTape, order: OriginalOrder): Uint8Array => {
  const { bytes, transactions } = tape;
  const row = order.transaction * TRANSACTION_ROW;
  const index = order.input - numberAt(transactions, row + TX_FIRST_INPUT);
  const single = (order.hashType & SIGHASH_BASE_MASK) === SIGHASH_SINGLE;
  if (single && index >= numberAt(transactions, row + TX_OUTPUTS)) return ONE;
  const start = numberAt(transactions, row + TX_START);
  const end = numberAt(transactions, row + TX_END);
  const writer = new ByteWriter().writeBytes(bytes.subarray(start, start + 4));
  writeInputs(writer, tape, order);
  writeOutputs(writer, tape, order);
  return sha256d(
    writer
      .writeBytes(bytes.subarray(end - 4, end))
      .writeUint32(order.hashType >>> 0)
      .toBytes(),
  );
};

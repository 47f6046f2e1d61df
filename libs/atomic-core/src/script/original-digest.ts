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
  rowNumber,
} from '../beef/beef-tape';
import { MeasuredWriter, varintBytes } from '../beef/measured-writer';
import { sha256d } from '../bytes';
import { SIGHASH_ANYONECANPAY, SIGHASH_BASE_MASK, SIGHASH_NONE, SIGHASH_SINGLE } from './hash-types';
import { removeCodeSeparators } from './script-walk';
import type { SignedInput } from './sighash-batch';

/** The value -1 and an empty script: what SINGLE signs in place of each output before its own. */
const NO_OUTPUT = Uint8Array.from([...Array.from({ length: 8 }, () => 0xff), 0]);
/** version, lock time, hash type */
const FIXED_BYTES = 4 + 4 + 4;
const OUTPOINT_BYTES = 36;
const EMPTY_SCRIPT_BYTES = 1;
const SEQUENCE_BYTES = 4;
/** "One" as the node's little-endian number, for SINGLE without an output of its index: a digest that signs nothing at all. */
const ONE = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0));

interface OriginalOrder extends SignedInput {
  readonly hashType: number;
  readonly scriptCode: Uint8Array;
}

interface InputRange {
  readonly first: number;
  readonly count: number;
}

/** The inputs that are signed: with ANYONECANPAY the signer's own alone. */
const listInputs = ({ transactions }: BeefTape, { transaction, input, hashType }: OriginalOrder): InputRange => {
  if ((hashType & SIGHASH_ANYONECANPAY) !== 0) return { first: input, count: 1 };
  const row = transaction * TRANSACTION_ROW;
  return { first: rowNumber(transactions, row + TX_FIRST_INPUT), count: rowNumber(transactions, row + TX_INPUTS) };
};

/** The outputs that are signed: `blanks` in place of those before its own, then a stretch of the transaction. */
interface SignedOutputs {
  readonly count: number;
  readonly blanks: number;
  readonly start: number;
  readonly end: number;
}

const listOutputs = (tape: BeefTape, { transaction, input, hashType }: OriginalOrder): SignedOutputs => {
  const { transactions, outputs } = tape;
  const row = transaction * TRANSACTION_ROW;
  const base = hashType & SIGHASH_BASE_MASK;
  const single = base === SIGHASH_SINGLE;
  const blanks = single ? input - rowNumber(transactions, row + TX_FIRST_INPUT) : 0;
  const count = single ? blanks + 1 : base === SIGHASH_NONE ? 0 : rowNumber(transactions, row + TX_OUTPUTS);
  if (count === 0) return { count, blanks, start: 0, end: 0 };
  const first = rowNumber(transactions, row + TX_FIRST_OUTPUT);
  return {
    count,
    blanks,
    start: rowNumber(outputs, (first + blanks) * OUTPUT_ROW + OUT_SATOSHIS),
    end: rowNumber(outputs, (first + count - 1) * OUTPUT_ROW + OUT_SCRIPT_END),
  };
};

const measure = (inputs: InputRange, scriptCode: Uint8Array, outputs: SignedOutputs): number =>
  FIXED_BYTES +
  varintBytes(inputs.count) +
  inputs.count * (OUTPOINT_BYTES + EMPTY_SCRIPT_BYTES + SEQUENCE_BYTES) +
  (varintBytes(scriptCode.length) + scriptCode.length - EMPTY_SCRIPT_BYTES) +
  varintBytes(outputs.count) +
  outputs.blanks * NO_OUTPUT.length +
  (outputs.end - outputs.start);

/** The digest of before the fork: it writes the whole transaction for each signature, so its cost is counted by whoever asks. */
export const originalDigest = (tape: BeefTape, order: OriginalOrder): Uint8Array => {
  const { bytes, transactions } = tape;
  const row = order.transaction * TRANSACTION_ROW;
  const index = order.input - rowNumber(transactions, row + TX_FIRST_INPUT);
  const base = order.hashType & SIGHASH_BASE_MASK;
  if (base === SIGHASH_SINGLE && index >= rowNumber(transactions, row + TX_OUTPUTS)) return ONE;
  const start = rowNumber(transactions, row + TX_START);
  const end = rowNumber(transactions, row + TX_END);
  const inputs = listInputs(tape, order);
  const outputs = listOutputs(tape, order);
  const scriptCode = removeCodeSeparators(order.scriptCode);
  const writer = new MeasuredWriter(measure(inputs, scriptCode, outputs));
  writer.writeSlice(bytes, start, start + 4);
  writer.writeVarint(inputs.count);
  for (let input = inputs.first; input < inputs.first + inputs.count; input++) {
    const outpoint = rowNumber(tape.inputs, input * INPUT_ROW + IN_OUTPOINT);
    const sequence = rowNumber(tape.inputs, input * INPUT_ROW + IN_SCRIPT_END);
    const own = input === order.input;
    writer.writeSlice(bytes, outpoint, outpoint + OUTPOINT_BYTES);
    writer.writeVarint(own ? scriptCode.length : 0);
    if (own) writer.writeBytes(scriptCode);
    if (!own && (base === SIGHASH_NONE || base === SIGHASH_SINGLE)) writer.writeUint32(0);
    else writer.writeSlice(bytes, sequence, sequence + SEQUENCE_BYTES);
  }
  writer.writeVarint(outputs.count);
  for (let before = 0; before < outputs.blanks; before++) writer.writeBytes(NO_OUTPUT);
  writer.writeSlice(bytes, outputs.start, outputs.end);
  writer.writeSlice(bytes, end - 4, end);
  writer.writeUint32(order.hashType);
  return sha256d(writer.finish());
};

import { TRANSACTION_INPUTS_MAX, TRANSACTION_OUTPUTS_MAX } from '../limits';
import {
  INPUT_ROW,
  IN_OUTPOINT,
  IN_SCRIPT,
  IN_SCRIPT_END,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  OUT_SCRIPT,
  OUT_SCRIPT_END,
  TRANSACTION_ROW,
  TX_BUMP,
  TX_END,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
  TX_START,
} from './beef-tape';
import type { ByteCursor } from './byte-cursor';

/** outpoint, empty script, sequence */
const INPUT_BYTES_MIN = 36 + 1 + 4;
/** satoshis, empty script */
const OUTPUT_BYTES_MIN = 8 + 1;
/** version, two counts, lock time */
export const TRANSACTION_BYTES_MIN = 4 + 1 + 1 + 4;

/** Rows that grow by doubling: room is made for a whole count at once, so the loops that fill it only write. */
class GrowingRows {
  numbers: Uint32Array;
  length = 0;
  private readonly rowLength: number;

  constructor(rowLength: number, rows: number) {
    this.rowLength = rowLength;
    this.numbers = new Uint32Array(rowLength * rows);
  }

  get rows(): number {
    return this.length / this.rowLength;
  }

  /** Makes room for `rows` more and counts them as there. Answers where they begin. */
  claim(rows: number): number {
    const start = this.length;
    this.length += rows * this.rowLength;
    if (this.length > this.numbers.length) {
      const grown = new Uint32Array(Math.max(this.length, 2 * this.numbers.length));
      grown.set(this.numbers);
      this.numbers = grown;
    }
    return start;
  }

  /** The rows alone, in memory of their own: what is handed to another thread takes its whole buffer along. */
  cut(): Uint32Array {
    return this.numbers.slice(0, this.length);
  }
}

/** The rows of the transactions of one BEEF while it is scanned. */
export class TransactionRows {
  readonly transactions: Uint32Array;
  private readonly inputs: GrowingRows;
  private readonly outputs: GrowingRows;

  constructor(count: number) {
    this.transactions = new Uint32Array(count * TRANSACTION_ROW);
    this.inputs = new GrowingRows(INPUT_ROW, 2 * count);
    this.outputs = new GrowingRows(OUTPUT_ROW, 3 * count);
  }

  cut(): { transactions: Uint32Array; inputs: Uint32Array; outputs: Uint32Array } {
    return { transactions: this.transactions, inputs: this.inputs.cut(), outputs: this.outputs.cut() };
  }

  /** Passes over the transaction where the cursor stands, each count held against the bytes left before its rows are made. */
  scan(cursor: ByteCursor, row: number): void {
    const { transactions } = this;
    const at = row * TRANSACTION_ROW;
    transactions[at + TX_START] = cursor.position;
    cursor.skip(4);
    transactions[at + TX_FIRST_INPUT] = this.inputs.rows;
    transactions[at + TX_INPUTS] = this.scanInputs(cursor);
    transactions[at + TX_FIRST_OUTPUT] = this.outputs.rows;
    transactions[at + TX_OUTPUTS] = this.scanOutputs(cursor);
    cursor.skip(4);
    transactions[at + TX_END] = cursor.position;
  }

  setBump(row: number, bump: number): void {
    this.transactions[row * TRANSACTION_ROW + TX_BUMP] = bump;
  }

  private scanInputs(cursor: ByteCursor): number {
    const count = cursor.readCount(INPUT_BYTES_MIN, TRANSACTION_INPUTS_MAX, 'inputs');
    let at = this.inputs.claim(count);
    const { numbers, length } = this.inputs;
    for (; at < length && cursor.fault === undefined; at += INPUT_ROW) {
      numbers[at + IN_OUTPOINT] = cursor.position;
      cursor.skip(36);
      numbers[at + IN_SCRIPT] = cursor.skipScript();
      numbers[at + IN_SCRIPT_END] = cursor.position;
      cursor.skip(4);
    }
    return count;
  }

  private scanOutputs(cursor: ByteCursor): number {
    const count = cursor.readCount(OUTPUT_BYTES_MIN, TRANSACTION_OUTPUTS_MAX, 'outputs');
    let at = this.outputs.claim(count);
    const { numbers, length } = this.outputs;
    for (; at < length && cursor.fault === undefined; at += OUTPUT_ROW) {
      numbers[at + OUT_SATOSHIS] = cursor.position;
      cursor.skip(8);
      numbers[at + OUT_SCRIPT] = cursor.skipScript();
      numbers[at + OUT_SCRIPT_END] = cursor.position;
    }
    return count;
  }
}

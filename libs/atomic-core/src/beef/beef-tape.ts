/**
 * A BEEF as rows of numbers over its bytes: where each part stands, and no object for any of them. A hostile BEEF of 4 MiB declares 100,000 inputs; as
 * rows they are 1.2 MB, as objects 30 MB and a second of garbage collection. Plain data: it survives structured clone and its buffers can be handed over.
 */
export interface BeefTape {
  /** The whole BEEF. Every position below counts from its start. */
  readonly bytes: Uint8Array;
  /** `TRANSACTION_ROW` numbers for each transaction, in the order of the BEEF. */
  readonly transactions: Uint32Array;
  /** `INPUT_ROW` numbers for each input, all transactions one after another. */
  readonly inputs: Uint32Array;
  /** `OUTPUT_ROW` numbers for each output, all transactions one after another. */
  readonly outputs: Uint32Array;
  /** `BUMP_ROW` numbers for each BUMP. */
  readonly bumps: Uint32Array;
}

/** start, end, bump (0: none, else 1 + its row), first input row, inputs, first output row, outputs */
export const TRANSACTION_ROW = 7;
/** position of the 36-byte outpoint, start of the unlocking script, end of it (the sequence stands there) */
export const INPUT_ROW = 3;
/** position of the 8-byte value, start of the locking script, end of it */
export const OUTPUT_ROW = 3;
/** start, end */
export const BUMP_ROW = 2;

/** Names for the numbers of a row. Each is added to `row * …_ROW`. */
export const TX_START = 0;
export const TX_END = 1;
export const TX_BUMP = 2;
export const TX_FIRST_INPUT = 3;
export const TX_INPUTS = 4;
export const TX_FIRST_OUTPUT = 5;
export const TX_OUTPUTS = 6;
export const IN_OUTPOINT = 0;
export const IN_SCRIPT = 1;
export const IN_SCRIPT_END = 2;
export const OUT_SATOSHIS = 0;
export const OUT_SCRIPT = 1;
export const OUT_SCRIPT_END = 2;

export const readUint32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0;

/** Exact up to 2^53; above that the nearest double, which is above every limit that a value is held against. */
export const readUint64At = (bytes: Uint8Array, at: number): number =>
  readUint32At(bytes, at + 4) * 0x1_0000_0000 + readUint32At(bytes, at);

/** A number of a row. The rows that a scan wrote are whole, so what is asked for is there. */
export const rowNumber = (rows: Uint32Array, index: number): number => rows[index] as number;

export const countTransactions = ({ transactions }: Pick<BeefTape, 'transactions'>): number =>
  transactions.length / TRANSACTION_ROW;

import {
  type BeefTape,
  INPUT_ROW,
  OUTPUT_ROW,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
} from '../beef/beef-tape';
import type { Transaction, TransactionOutput } from '../beef/transaction';
import { SATOSHIS_MAX, txidToWire } from '../bytes';
import { TRANSACTION_OUTPUTS_MAX } from '../limits';
import { type Rejection, type Result, accept, reject } from '../rejection';
import { verifyScripts } from '../script/verify-scripts';
import type { AncestryVerifiedBeef } from './verify-ancestry';

/** A transaction in Extended Format, read: `parentOutputs` is what it says that its inputs spend. */
export interface ClaimedTransaction {
  readonly transaction: Transaction;
  readonly parentOutputs: readonly TransactionOutput[];
}

const HEAD_BYTES = 4 + 6;

/** Walks bytes that were read before: every number is known to be there. */
class ReadBytes {
  position = HEAD_BYTES;

  constructor(private readonly bytes: Buffer) {}

  skip(count: number): number {
    const from = this.position;
    this.position += count;
    return from;
  }

  readCount(): number {
    const first = this.bytes.readUInt8(this.skip(1));
    if (first < 0xfd) return first;
    const size = first === 0xfd ? 2 : 4;
    return this.bytes.readUIntLE(this.skip(size), size);
  }

  /** Start and end of a script. */
  skipScript(): [number, number] {
    const count = this.readCount();
    const start = this.skip(count);
    return [start, start + count];
  }
}

/**
 * The rows of an Extended Format transaction over its own bytes: what it claims to spend stands there as an output does, so each input gets a parent that
 * has that one output. The subject is the last row.
 */
const layTape = (extended: Uint8Array, parentVouts: readonly number[]): BeefTape => {
  const bytes = Buffer.from(extended.buffer, extended.byteOffset, extended.byteLength);
  const cursor = new ReadBytes(bytes);
  const count = cursor.readCount();
  const transactions = new Uint32Array((count + 1) * TRANSACTION_ROW);
  const inputs = new Uint32Array(count * INPUT_ROW);
  const claimed: number[] = [];
  for (let index = 0; index < count; index += 1) {
    inputs.set([cursor.skip(36), ...cursor.skipScript()], index * INPUT_ROW);
    cursor.skip(4);
    const vout = parentVouts[index] ?? 0;
    const row = index * TRANSACTION_ROW;
    transactions[row + TX_FIRST_OUTPUT] = claimed.length / OUTPUT_ROW;
    transactions[row + TX_OUTPUTS] = vout + 1;
    // The parent's other outputs are nobody's to spend here.
    for (let other = 0; other < vout * OUTPUT_ROW; other += 1) claimed.push(0);
    claimed.push(cursor.skip(8), ...cursor.skipScript());
  }
  const own: number[] = [];
  const outputCount = cursor.readCount();
  for (let index = 0; index < outputCount; index += 1) own.push(cursor.skip(8), ...cursor.skipScript());
  const row = count * TRANSACTION_ROW;
  transactions[row + TX_END] = extended.length;
  transactions[row + TX_INPUTS] = count;
  transactions[row + TX_FIRST_OUTPUT] = claimed.length / OUTPUT_ROW;
  transactions[row + TX_OUTPUTS] = outputCount;
  const outputs = Uint32Array.from([...claimed, ...own]);
  return { bytes: extended, transactions, inputs, outputs, bumps: new Uint32Array(0) };
};

const layGraph = (extended: Uint8Array, { transaction }: ClaimedTransaction): AncestryVerifiedBeef => {
  const { inputs, txid } = transaction;
  const rows = inputs.length + 1;
  const needed = new Uint8Array(rows);
  // The claimed parents have no scripts to run.
  needed[rows - 1] = 1;
  return {
    tape: layTape(
      extended,
      inputs.map(({ parentVout }) => parentVout),
    ),
    subject: rows - 1,
    txids: Buffer.concat([...inputs.map(({ parentTxid }) => txidToWire(parentTxid)), txidToWire(txid)]),
    parents: Int32Array.from(inputs.keys()),
    needed,
    leafOffsets: new Uint32Array(rows),
    heights: new Uint32Array(0),
    roots: new Uint8Array(0),
  } as unknown as AncestryVerifiedBeef;
};

const sum = (outputs: readonly TransactionOutput[]): number =>
  outputs.reduce((total, { satoshis }) => total + satoshis, 0);

const findBrokenRule = ({ transaction, parentOutputs }: ClaimedTransaction): Rejection | undefined => {
  const { txid, version, inputs, outputs } = transaction;
  const refuse = (code: Rejection['code'], detail: string, input?: number): Rejection => ({
    code,
    detail,
    at: input === undefined ? { txid } : { txid, input },
  });
  if (version !== 1 && version !== 2)
    return refuse('transaction-version-unsupported', `${txid} has version ${version}`);
  if (inputs.length === 0) return refuse('transaction-input-missing', `${txid} has no input`);
  if (outputs.length === 0) return refuse('transaction-output-missing', `${txid} has no output`);
  const names = inputs.map(({ parentTxid, parentVout }) => `${parentTxid}.${parentVout}`);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) return refuse('transaction-double-spend', `input ${twice} spends what another input spends`, twice);
  const far = inputs.findIndex(({ parentVout }) => parentVout >= TRANSACTION_OUTPUTS_MAX);
  if (far >= 0) return refuse('transaction-output-unknown', `input ${far} names an output above the limit`, far);
  const [taken, paid] = [sum(parentOutputs), sum(outputs)];
  if (taken > SATOSHIS_MAX || paid > SATOSHIS_MAX)
    return refuse('transaction-value-invalid', `${txid} moves more than 21e14 satoshis`);
  return paid > taken
    ? refuse('transaction-inflates', `${txid} claims to take ${taken} and pays ${paid} satoshis`)
    : undefined;
};

/**
 * Every rule that can be judged of a transaction by what it says of its parents: conservation, uniqueness and scripts. What it says may be false, so this
 * makes nothing verified: whoever accepts by it believes a stranger.
 */
export const verifyClaims = (extended: Uint8Array, claimed: ClaimedTransaction): Result<true> => {
  const broken = findBrokenRule(claimed);
  if (broken !== undefined) return { ok: false, rejection: broken };
  const scripts = verifyScripts(layGraph(extended, claimed));
  if (scripts.ok) return accept(true);
  const { code, detail, at } = scripts.rejection;
  return reject(code, detail, at);
};

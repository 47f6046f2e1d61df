import {
  type BeefTape,
  IN_OUTPOINT,
  IN_SCRIPT,
  IN_SCRIPT_END,
  INPUT_ROW,
  OUTPUT_ROW,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
  rowNumber,
} from '../beef/beef-tape';
import { ByteCursor, TRANSACTION_CODES } from '../beef/byte-cursor';
import { EF_MARKER } from '../beef/magic';
import type { ExtendedTransaction } from '../beef/read-ef';
import type { TransactionOutput } from '../beef/transaction';
import { SATOSHIS_MAX, txidToWire } from '../bytes';
import { TRANSACTION_OUTPUTS_MAX } from '../limits';
import { type Rejection, type Result, accept } from '../rejection';
import { verifyScripts } from '../script/verify-scripts';
import { CHRONICLE } from '../spv/date-coins';
import type { AncestryVerifiedBeef } from '../spv/verify-ancestry';

/** Passes over an output, and writes down its row: OUT_SATOSHIS, OUT_SCRIPT, OUT_SCRIPT_END. */
const scanOutput = (cursor: ByteCursor, outputs: number[]): void => {
  const value = cursor.position;
  cursor.skip(8);
  const script = cursor.skipScript();
  outputs.push(value, script, cursor.position);
};

/**
 * The rows of an Extended Format transaction over its own bytes: what it claims to spend stands there as an output does, so each input gets a parent that
 * has that output. The subject is the last row. The bytes were read before, so the cursor meets no fault.
 */
const layTape = (extended: Uint8Array, parentVouts: readonly number[]): BeefTape => {
  const cursor = new ByteCursor(extended, TRANSACTION_CODES);
  cursor.skip(4 + EF_MARKER.length);
  const count = cursor.readVarint();
  const transactions = new Uint32Array((count + 1) * TRANSACTION_ROW);
  const inputs = new Uint32Array(count * INPUT_ROW);
  // Room before the first claimed output: a parent's other outputs are rows before the one that is spent, and nobody's to spend here.
  const before = Math.max(0, ...parentVouts);
  const outputs = Array.from({ length: before * OUTPUT_ROW }, () => 0);
  for (const [index, vout] of parentVouts.entries()) {
    const input = index * INPUT_ROW;
    inputs[input + IN_OUTPOINT] = cursor.position;
    cursor.skip(36);
    inputs[input + IN_SCRIPT] = cursor.skipScript();
    inputs[input + IN_SCRIPT_END] = cursor.position;
    cursor.skip(4);
    const parent = index * TRANSACTION_ROW;
    transactions[parent + TX_FIRST_OUTPUT] = before + index - vout;
    transactions[parent + TX_OUTPUTS] = vout + 1;
    scanOutput(cursor, outputs);
  }
  const subject = count * TRANSACTION_ROW;
  transactions[subject + TX_END] = extended.length;
  transactions[subject + TX_INPUTS] = count;
  transactions[subject + TX_FIRST_OUTPUT] = before + count;
  transactions[subject + TX_OUTPUTS] = cursor.readVarint();
  for (let index = 0; index < rowNumber(transactions, subject + TX_OUTPUTS); index++) scanOutput(cursor, outputs);
  return { bytes: extended, transactions, inputs, outputs: Uint32Array.from(outputs), bumps: new Uint32Array(0) };
};

const layGraph = (extended: Uint8Array, { transaction }: ExtendedTransaction): AncestryVerifiedBeef => {
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
    // How old they are is not said, so they are taken for coins of today, as the rest is taken for what it claims to be.
    coinEras: new Uint8Array(rows).fill(CHRONICLE),
    isChronicleNext: true,
  } as unknown as AncestryVerifiedBeef;
};

const sum = (outputs: readonly TransactionOutput[]): number =>
  outputs.reduce((total, { satoshis }) => total + satoshis, 0);

const findBrokenRule = ({ transaction, parentOutputs }: ExtendedTransaction): Rejection | undefined => {
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
export const judgeClaims = (extended: Uint8Array, claimed: ExtendedTransaction): Result<true> => {
  const broken = findBrokenRule(claimed);
  if (broken !== undefined) return { ok: false, rejection: broken };
  const scripts = verifyScripts(layGraph(extended, claimed));
  return scripts.ok ? accept(true) : scripts;
};

import { type BeefGraph, txidAt } from '../beef/beef-graph';
import {
  INPUT_ROW,
  IN_OUTPOINT,
  IN_SCRIPT_END,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  TRANSACTION_ROW,
  TX_BUMP,
  TX_END,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
  TX_START,
  readUint32At,
  readUint64At,
  rowNumber,
} from '../beef/beef-tape';
import { isCoinbaseAt } from '../beef/coinbase';
import type { ReadBeef } from '../beef/read-beef';
import { SATOSHIS_MAX } from '../bytes';
import { type NetworkName, networkParams } from '../header/network-params';
import { COINBASE_MATURITY_BLOCKS, LOCK_TIME_SECONDS_MIN } from '../limits';
import { type Rejection, type RejectionCode, type Result, accept } from '../rejection';
import { type CoinEras, dateCoins } from './date-coins';
import { findDoubleSpend } from './find-double-spend';
import { listUnproven } from './list-unproven';

declare const ancestryVerified: unique symbol;

/** The next block is judged, not the last one: what must hold is that the transaction could be mined now. */
export interface AncestryContext {
  /** Height of the best block. */
  readonly tipHeight: number;
  /** BIP113 median time past of the best block, unix seconds. */
  readonly medianTimePast: number;
  /** Whose heights of activation date the coins. */
  readonly network: NetworkName;
}

/** A read BEEF that breaks no rule but, perhaps, those of its scripts and its roots; and by the rules of which eras its scripts are to be judged. */
export type AncestryVerifiedBeef = ReadBeef & CoinEras & { readonly [ancestryVerified]: true };

/** One unproven transaction: its row, and where its parts begin and end. */
interface Judged {
  readonly graph: BeefGraph;
  readonly row: number;
  readonly start: number;
  readonly end: number;
  readonly firstInput: number;
  readonly inputsEnd: number;
  readonly firstOutput: number;
  readonly outputsEnd: number;
}

/** Answers the refusal, if the rule is broken. */
type Rule = (judged: Judged, context: AncestryContext) => Rejection | undefined;

const judge = (graph: BeefGraph, row: number): Judged => {
  const { transactions } = graph.tape;
  const at = row * TRANSACTION_ROW;
  const firstInput = rowNumber(transactions, at + TX_FIRST_INPUT);
  const firstOutput = rowNumber(transactions, at + TX_FIRST_OUTPUT);
  return {
    graph,
    row,
    start: rowNumber(transactions, at + TX_START),
    end: rowNumber(transactions, at + TX_END),
    firstInput,
    inputsEnd: firstInput + rowNumber(transactions, at + TX_INPUTS),
    firstOutput,
    outputsEnd: firstOutput + rowNumber(transactions, at + TX_OUTPUTS),
  };
};

/** `input` is an input row. */
const refuse = ({ graph, row, firstInput }: Judged, code: RejectionCode, what: string, input?: number): Rejection => {
  const txid = txidAt(graph, row);
  if (input === undefined) return { code, detail: `${txid} ${what}`, at: { txid } };
  return { code, detail: `input ${input - firstInput} of ${txid} ${what}`, at: { txid, input: input - firstInput } };
};

/**
 * Versions 1 and 2 only, and both by the same strict script rules (see verify-scripts). Version 0 and those from 3 on have no meaning today; one given
 * later must not change what is applied here before.
 */
const requireVersion: Rule = (judged) => {
  const version = readUint32At(judged.graph.tape.bytes, judged.start);
  if (version === 1 || version === 2) return undefined;
  return refuse(judged, 'transaction-version-unsupported', `has version ${version}`);
};

/** B7: without inputs there is nothing to conserve, and a zero-value output of such a transaction would anchor a child in nothing. */
const requireInputsAndOutputs: Rule = (judged) => {
  if (judged.inputsEnd === judged.firstInput)
    return refuse(judged, 'transaction-input-missing', 'has no input and no proof');
  if (judged.outputsEnd === judged.firstOutput) return refuse(judged, 'transaction-output-missing', 'has no output');
  return undefined;
};

const hasFinalSequences = ({ graph, firstInput, inputsEnd }: Judged): boolean => {
  const { bytes, inputs } = graph.tape;
  for (let input = firstInput; input < inputsEnd; input++)
    if (readUint32At(bytes, rowNumber(inputs, input * INPUT_ROW + IN_SCRIPT_END)) !== 0xffffffff) return false;
  return true;
};

/** B10: a transaction that may still be replaced pays nobody. */
const requireFinal: Rule = (judged, { tipHeight, medianTimePast }) => {
  const lockTime = readUint32At(judged.graph.tape.bytes, judged.end - 4);
  if (lockTime === 0 || lockTime < (lockTime < LOCK_TIME_SECONDS_MIN ? tipHeight + 1 : medianTimePast))
    return undefined;
  return hasFinalSequences(judged) ? undefined : refuse(judged, 'transaction-not-final', `is locked until ${lockTime}`);
};

/** B9: the SDK has it the wrong way round and takes young coinbase outputs only. */
const requireMaturity: Rule = (judged, { tipHeight }) => {
  const { tape, parents, heights } = judged.graph;
  for (let input = judged.firstInput; input < judged.inputsEnd; input++) {
    const parent = parents[input] as number;
    const bump = rowNumber(tape.transactions, parent * TRANSACTION_ROW + TX_BUMP) - 1;
    if (bump < 0) continue;
    const depth = tipHeight + 1 - rowNumber(heights, bump);
    if (depth < COINBASE_MATURITY_BLOCKS && isCoinbaseAt(tape, parent))
      return refuse(judged, 'coinbase-immature', `would spend a coinbase ${depth} blocks deep`, input);
  }
  return undefined;
};

/** No output has more than the supply, so a sum that is held against it after each step never leaves the exact integers. */
const requireConservation: Rule = (judged) => {
  const { tape, parents } = judged.graph;
  const { bytes, transactions, inputs, outputs } = tape;
  let taken = 0;
  for (let input = judged.firstInput; input < judged.inputsEnd; input++) {
    const vout = readUint32At(bytes, rowNumber(inputs, input * INPUT_ROW + IN_OUTPOINT) + 32);
    const parent = (parents[input] as number) * TRANSACTION_ROW;
    if (vout >= rowNumber(transactions, parent + TX_OUTPUTS))
      return refuse(
        judged,
        'transaction-output-unknown',
        `names output ${vout}, which its parent does not have`,
        input,
      );
    const output = rowNumber(transactions, parent + TX_FIRST_OUTPUT) + vout;
    if (taken <= SATOSHIS_MAX) taken += readUint64At(bytes, rowNumber(outputs, output * OUTPUT_ROW + OUT_SATOSHIS));
  }
  let paid = 0;
  for (let output = judged.firstOutput; output < judged.outputsEnd && paid <= SATOSHIS_MAX; output++)
    paid += readUint64At(bytes, rowNumber(outputs, output * OUTPUT_ROW + OUT_SATOSHIS));
  if (taken > SATOSHIS_MAX || paid > SATOSHIS_MAX)
    return refuse(judged, 'transaction-value-invalid', 'moves more than 21e14 satoshis');
  return paid <= taken ? undefined : refuse(judged, 'transaction-inflates', `takes ${taken} and pays ${paid} satoshis`);
};

const rules: readonly Rule[] = [
  requireVersion,
  requireInputsAndOutputs,
  requireFinal,
  requireMaturity,
  requireConservation,
];

/** B5, B6: one spender for each outpoint in all of the BEEF. */
const requireSingleSpends = (graph: BeefGraph): Rejection | undefined => {
  const double = findDoubleSpend(graph);
  if (double === undefined) return undefined;
  return refuse(
    judge(graph, double.row),
    'transaction-double-spend',
    'is the second to spend its outpoint',
    double.input,
  );
};

/**
 * Every rule for the unproven transactions that needs no script: the ones that the SDK lacks (B5 to B10, B13) among them. A proven transaction was judged
 * by the miners; what is asked of it is its root. Cheap, so it goes before scripts; and needs no root, so it may go before the chain is asked.
 */
export const verifyAncestry = (read: ReadBeef, context: AncestryContext): Result<AncestryVerifiedBeef> => {
  const doubleSpend = requireSingleSpends(read);
  if (doubleSpend !== undefined) return { ok: false, rejection: doubleSpend };
  for (const row of listUnproven(read)) {
    const judged = judge(read, row);
    for (const rule of rules) {
      const rejection = rule(judged, context);
      if (rejection !== undefined) return { ok: false, rejection };
    }
  }
  const { tipHeight, network } = context;
  const eras = dateCoins(read, { tipHeight, params: networkParams[network] });
  return accept({ ...read, ...eras } as AncestryVerifiedBeef);
};

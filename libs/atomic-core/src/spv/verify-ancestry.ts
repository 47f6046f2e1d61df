import type { Transaction, TransactionOutput } from '../beef/transaction';
import type { ReadBeef } from '../beef/read-beef';
import { isCoinbase } from '../beef/coinbase';
import { SATOSHIS_MAX, type Satoshis, type Txid } from '../bytes';
import { COINBASE_MATURITY_BLOCKS, LOCK_TIME_SECONDS_MIN } from '../limits';
import { type Result, accept, reject } from '../rejection';
import type { GraphTransaction } from './verified-transaction';

declare const ancestryVerified: unique symbol;

/** The next block is judged, not the last one: what must hold is that the transaction could be mined now. */
export interface AncestryContext {
  /** Height of the best block. */
  readonly tipHeight: number;
  /** BIP113 median time past of the best block, unix seconds. */
  readonly medianTimePast: number;
}

/** A read BEEF that breaks no rule but, perhaps, those of its scripts and its roots. */
export interface AncestryVerifiedBeef extends ReadBeef {
  readonly [ancestryVerified]: true;
}

type Graph = ReadonlyMap<Txid, GraphTransaction>;
type Rule = (transaction: GraphTransaction, graph: Graph, context: AncestryContext) => Result<unknown>;

/**
 * Versions 1 and 2 only, and both by the same strict script rules (see verify-scripts). Version 0 and those from 3 on have no meaning today; one given
 * later must not change what is applied here before.
 */
const requireVersion: Rule = ({ txid, version }) =>
  version === 1 || version === 2
    ? accept(true)
    : reject('transaction-version-unsupported', `${txid} has version ${version}`);

/** B7: without inputs there is nothing to conserve, and a zero-value output of such a transaction would anchor a child in nothing. */
const requireInputsAndOutputs: Rule = ({ txid, inputs, outputs }) => {
  if (inputs.length === 0) return reject('transaction-input-missing', `${txid} has no input and no proof`);
  if (outputs.length === 0) return reject('transaction-output-missing', `${txid} has no output`);
  return accept(true);
};

const isFinal = ({ lockTime, inputs }: Transaction, { tipHeight, medianTimePast }: AncestryContext): boolean => {
  if (lockTime === 0) return true;
  const now = lockTime < LOCK_TIME_SECONDS_MIN ? tipHeight + 1 : medianTimePast;
  return lockTime < now || inputs.every(({ sequence }) => sequence === 0xffffffff);
};

/** B10: a transaction that may still be replaced pays nobody. */
const requireFinal: Rule = (transaction, _graph, context) =>
  isFinal(transaction, context)
    ? accept(true)
    : reject('transaction-not-final', `${transaction.txid} is locked until ${transaction.lockTime}`);

/** The outputs that a transaction spends, in the order of its inputs. */
export const findParentOutputs = (transaction: Transaction, graph: Graph): Result<TransactionOutput[]> => {
  const parentOutputs: TransactionOutput[] = [];
  for (const [index, { parentTxid, parentVout }] of transaction.inputs.entries()) {
    const parent = graph.get(parentTxid);
    if (!parent) return reject('beef-parent-missing', `${transaction.txid} lacks its parent ${parentTxid}`);
    const output = parent.outputs[parentVout];
    if (!output)
      return reject(
        'transaction-output-unknown',
        `input ${index} of ${transaction.txid} names output ${parentVout} of ${parentTxid}`,
      );
    parentOutputs.push(output);
  }
  return accept(parentOutputs);
};

/** Undefined above the supply, so that no sum ever leaves the exact integers. */
const sumSatoshis = (outputs: readonly TransactionOutput[]): Satoshis | undefined => {
  let sum = 0;
  for (const { satoshis } of outputs) {
    sum += satoshis;
    if (sum > SATOSHIS_MAX) return undefined;
  }
  return sum;
};

const requireConservation: Rule = (transaction, graph) => {
  const parentOutputs = findParentOutputs(transaction, graph);
  if (!parentOutputs.ok) return parentOutputs;
  const taken = sumSatoshis(parentOutputs.value);
  const paid = sumSatoshis(transaction.outputs);
  if (taken === undefined || paid === undefined)
    return reject('transaction-value-invalid', `${transaction.txid} moves more than 21e14 satoshis`);
  return paid <= taken
    ? accept(true)
    : reject('transaction-inflates', `${transaction.txid} takes ${taken} and pays ${paid} satoshis`);
};

/** B9: the SDK has it the wrong way round and takes young coinbase outputs only. */
const requireMaturity: Rule = (transaction, graph, { tipHeight }) => {
  for (const { parentTxid } of transaction.inputs) {
    const parent = graph.get(parentTxid);
    if (!parent?.bump || !isCoinbase(parent)) continue;
    const depth = tipHeight + 1 - parent.bump.height;
    if (depth < COINBASE_MATURITY_BLOCKS)
      return reject('coinbase-immature', `coinbase ${parentTxid} would be spent ${depth} blocks deep`);
  }
  return accept(true);
};

const rules: readonly Rule[] = [
  requireVersion,
  requireInputsAndOutputs,
  requireFinal,
  requireMaturity,
  requireConservation,
];

/** B5, B6: one spender for each outpoint in all of the BEEF, proven transactions and strangers included; the same outpoint twice in one is the same sin. */
const requireSingleSpends = ({ transactions, beyond }: ReadBeef): Result<unknown> => {
  const spent = new Set<string>();
  for (const transaction of [...transactions, ...beyond]) {
    if (isCoinbase(transaction)) continue;
    for (const { parentTxid, parentVout } of transaction.inputs) {
      const outpoint = `${parentTxid}.${parentVout}`;
      if (spent.has(outpoint))
        return reject('transaction-double-spend', `${outpoint} is spent twice, the second time by ${transaction.txid}`);
      spent.add(outpoint);
    }
  }
  return accept(true);
};

/**
 * Every rule for the unproven transactions that needs no script: the ones that the SDK lacks (B5 to B10, B13) among them. A proven transaction was judged
 * by the miners; what is asked of it is its root. Cheap, so it goes before scripts; and needs no root, so it may go before the chain is asked.
 */
export const verifyAncestry = (read: ReadBeef, context: AncestryContext): Result<AncestryVerifiedBeef> => {
  const singleSpends = requireSingleSpends(read);
  if (!singleSpends.ok) return singleSpends;
  const graph: Graph = new Map(read.transactions.map((transaction) => [transaction.txid, transaction]));
  for (const transaction of read.transactions) {
    if (transaction.bump) continue;
    for (const rule of rules) {
      const verdict = rule(transaction, graph, context);
      if (!verdict.ok) return verdict;
    }
  }
  return accept(read as AncestryVerifiedBeef);
};

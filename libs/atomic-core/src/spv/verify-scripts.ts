import { LockingScript, type Spend, UnlockingScript } from '@bsv/sdk';
import type { TransactionOutput } from '../beef/transaction';
import type { Txid } from '../bytes';
import { SCRIPT_MEMORY_BYTES_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { BudgetedSpend, type ScriptBudget, ScriptBudgetExceeded, openScriptBudget } from './budgeted-spend';
import { openNeeded } from './open-verified';
import type { AncestryVerifiedBeef } from './verify-ancestry';
import type { GraphTransaction, VerifiedBeef } from './verified-transaction';

/**
 * B13, the policy: the rules of the network as they are since Chronicle, and for versions 1 and 2 alike its rules against malleability (push-only unlocking
 * scripts, low S, clean stack, minimal pushes, null dummy, null fail). From version 2 on the network itself asks for none of these, so that any relay may
 * change the txid of such a transaction under way; what is applied here before it is mined must not be that easy to undo. SIGHASH_FORKID is consensus;
 * the SDK left to itself takes signatures without it.
 */
const SCRIPT_RULES = [
  ...['GENESIS', 'UTXO_AFTER_GENESIS', 'UTXO_AFTER_CHRONICLE', 'SIGHASH_FORKID', 'STRICTENC', 'DERSIG'],
  ...['LOW_S', 'NULLDUMMY', 'NULLFAIL', 'SIGPUSHONLY', 'CLEANSTACK', 'MINIMALDATA'],
];

/** The shape that `Spend` reads, made once for each transaction. `sourceSatoshis` and scripts are the parents', so nothing is taken from the child's word. */
const toSpendParts = ({ inputs, outputs }: GraphTransaction) => ({
  inputs: inputs.map(({ parentTxid, parentVout, sequence }) => ({
    sourceTXID: parentTxid,
    sourceOutputIndex: parentVout,
    sequence,
  })),
  outputs: outputs.map(({ satoshis, lockingScript }) => ({
    satoshis,
    lockingScript: LockingScript.fromBinary(asNumbers(lockingScript)),
  })),
});

/** The SDK's readers take any array-like of bytes, its types say number[]. */
const asNumbers = (bytes: Uint8Array): number[] => bytes as unknown as number[];

type SpendParts = ReturnType<typeof toSpendParts>;

const runSpend = (spend: Spend, where: string): Result<unknown> => {
  try {
    return spend.validate() ? accept(true) : reject('transaction-script-failed', `${where}: the script is false`);
  } catch (error) {
    if (error instanceof ScriptBudgetExceeded) return reject('transaction-script-limit', `${where}: ${error.message}`);
    if (error instanceof Error && /exceeded \d+ bytes/.test(error.message.slice(0, 200)))
      return reject('transaction-script-limit', `${where}: too much memory`);
    // Whatever else the interpreter throws over a stranger's script, RangeError and TypeError included, means that the script does not pass.
    return reject('transaction-script-failed', where);
  }
};

const verifyInput = (
  transaction: GraphTransaction,
  index: number,
  parts: SpendParts & { parentOutput: TransactionOutput; budget: ScriptBudget },
) => {
  const input = transaction.inputs[index];
  const where = `input ${index} of ${transaction.txid}`;
  if (!input) return reject('transaction-malformed', where);
  const { parentOutput, budget } = parts;
  const spend = new BudgetedSpend(
    {
      sourceTXID: input.parentTxid,
      sourceOutputIndex: input.parentVout,
      sourceSatoshis: parentOutput.satoshis,
      lockingScript: LockingScript.fromBinary(asNumbers(parentOutput.lockingScript)),
      unlockingScript: UnlockingScript.fromBinary(asNumbers(input.unlockingScript)),
      transactionVersion: transaction.version,
      otherInputs: parts.inputs.toSpliced(index, 1),
      outputs: parts.outputs,
      inputIndex: index,
      inputSequence: input.sequence,
      lockTime: transaction.lockTime,
      memoryLimit: SCRIPT_MEMORY_BYTES_MAX,
      verifyFlags: SCRIPT_RULES,
    },
    budget,
    transaction.raw.length + parentOutput.lockingScript.length,
  );
  return runSpend(spend, where);
};

const verifyTransaction = (
  transaction: GraphTransaction,
  graph: ReadonlyMap<Txid, GraphTransaction>,
  budget: ScriptBudget,
): Result<unknown> => {
  const parts = toSpendParts(transaction);
  for (const [index, { parentTxid, parentVout }] of transaction.inputs.entries()) {
    const parentOutput = graph.get(parentTxid)?.outputs[parentVout];
    if (parentOutput === undefined) throw new Error(`the ancestry of ${transaction.txid} was not verified`);
    const verdict = verifyInput(transaction, index, { ...parts, parentOutput, budget });
    if (!verdict.ok) return verdict;
  }
  return accept(true);
};

/**
 * The last step, and the only maker of a `VerifiedBeef`. It MUST be called only when the chain answered OK for every root of `listRoots`: scripts are
 * the dearest work there is, so nobody gets them for an unproven claim. A proven transaction runs no script, the subject included: miners ran them.
 */
export const verifyScripts = (ancestry: AncestryVerifiedBeef): Result<VerifiedBeef> => {
  const transactions = openNeeded(ancestry);
  const graph = new Map(transactions.map((transaction) => [transaction.txid, transaction]));
  const budget = openScriptBudget();
  for (const transaction of transactions) {
    if (transaction.bump) continue;
    const verdict = verifyTransaction(transaction, graph, budget);
    if (!verdict.ok) return verdict;
  }
  return accept(ancestry as VerifiedBeef);
};

import { LockingScript, UnlockingScript } from '@bsv/sdk';
import { type BeefGraph, txidAt } from '../beef/beef-graph';
import {
  IN_OUTPOINT,
  IN_SCRIPT,
  IN_SCRIPT_END,
  INPUT_ROW,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  OUT_SCRIPT,
  OUT_SCRIPT_END,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_INPUT,
  TX_START,
  readUint32At,
  readUint64At,
} from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { SCRIPT_MEMORY_BYTES_MAX } from '../limits';
import { type RejectionCode, type Result, accept, reject } from '../rejection';
import { BudgetedSpend } from './budgeted-spend';
import { GENESIS } from '../spv/date-coins';
import { locateInput } from './locate-input';
import { type ScriptChunk, readChunks } from './read-chunks';
import { type ScriptBudget, ScriptBudgetExceeded, charge } from './script-budget';
import type { ScriptRules } from './script-rules';
import { countOpcodes } from './script-walk';
import type { SighashBatch, SignedInput } from './sighash-batch';
import { SignatureCheck } from './signature-check';

/** What the interpreted inputs of one BEEF share. */
export interface Interpretation {
  readonly graph: BeefGraph;
  readonly crypto: CryptoBackend;
  readonly sighash: SighashBatch;
  readonly budget: ScriptBudget;
  /** What a spend of an output of this transaction row has to pass. */
  readonly rulesFor: (parent: number) => readonly ScriptRules[];
}

/** What the SDK makes for one input before its first opcode. A BEEF has room for 80,000 inputs of two opcodes: a second of nothing else. */
const INPUT_COST = 10_000;

/** Its opcodes are counted first: parsed, each has its place in an array, and a script of 4 MiB may be as many of them. */
const readScript = <Kind>(
  kind: new (chunks: ScriptChunk[], bytes: Uint8Array) => Kind,
  bytes: Uint8Array,
  budget: ScriptBudget,
): Kind => {
  charge(budget, 'opcodes', countOpcodes(bytes, budget.opcodes));
  return new kind(readChunks(bytes), bytes);
};

const openSpend = (
  { graph, budget, crypto, sighash }: Interpretation,
  signed: SignedInput,
  { flags }: ScriptRules,
): BudgetedSpend => {
  const { bytes, transactions, inputs, outputs } = graph.tape;
  charge(budget, 'work', INPUT_COST);
  const transaction = signed.transaction * TRANSACTION_ROW;
  const input = signed.input * INPUT_ROW;
  const spent = signed.spentOutput * OUTPUT_ROW;
  const at = (rows: Uint32Array, place: number): number => rows[place] as number;
  const unlockingScript = readScript(
    UnlockingScript,
    bytes.subarray(at(inputs, input + IN_SCRIPT), at(inputs, input + IN_SCRIPT_END)),
    budget,
  );
  const lockingScript = readScript(
    LockingScript,
    bytes.subarray(at(outputs, spent + OUT_SCRIPT), at(outputs, spent + OUT_SCRIPT_END)),
    budget,
  );
  return new BudgetedSpend(
    {
      // The SDK needs the other inputs, the outputs and the outpoint for its own digests alone; ours come from the tape.
      ...{ sourceTXID: '', otherInputs: [], outputs: [] },
      sourceOutputIndex: readUint32At(bytes, at(inputs, input + IN_OUTPOINT) + 32),
      sourceSatoshis: readUint64At(bytes, at(outputs, spent + OUT_SATOSHIS)),
      ...{ lockingScript, unlockingScript },
      transactionVersion: readUint32At(bytes, at(transactions, transaction + TX_START)),
      inputIndex: signed.input - at(transactions, transaction + TX_FIRST_INPUT),
      inputSequence: readUint32At(bytes, at(inputs, input + IN_SCRIPT_END)),
      lockTime: readUint32At(bytes, at(transactions, transaction + TX_END) - 4),
      memoryLimit: SCRIPT_MEMORY_BYTES_MAX,
      verifyFlags: [...flags],
    },
    budget,
    new SignatureCheck({ tape: graph.tape, signed }, crypto, sighash, budget),
  );
};

/** Whatever else the interpreter throws over a stranger's script, RangeError and TypeError included, means that the script does not pass. */
const judgeError = (error: unknown): { code: RejectionCode; reason: string } =>
  error instanceof ScriptBudgetExceeded
    ? { code: 'transaction-script-limit', reason: error.message }
    : { code: 'transaction-script-failed', reason: 'the script is false' };

/** One run under one rule set; `sameBefore`: that of Genesis would say the same. */
const runScripts = (
  interpretation: Interpretation,
  signed: SignedInput,
  rules: ScriptRules,
): { refused?: { code: RejectionCode; reason: string }; sameBefore: boolean } => {
  try {
    const spend = openSpend(interpretation, signed, rules);
    if (spend.validate()) return { sameBefore: !spend.metChronicle };
  } catch (error) {
    return { refused: judgeError(error), sameBefore: false };
  }
  return { refused: { code: 'transaction-script-failed', reason: 'the script is false' }, sameBefore: false };
};

/** The interpreter for one input, under the account of its BEEF: by each rule set that its coin may be of, but for one that can say nothing new. */
export const interpretInput = (interpretation: Interpretation, input: number): Result<true> => {
  const { graph } = interpretation;
  const signed: SignedInput = { transaction: 0, input, spentOutput: 0 };
  const known = locateInput(graph, input, signed);
  const index = input - (graph.tape.transactions[signed.transaction * TRANSACTION_ROW + TX_FIRST_INPUT] as number);
  const txid = txidAt(graph, signed.transaction);
  const refuse = (code: RejectionCode, reason: string) =>
    reject(code, `input ${index} of ${txid}: ${reason}`, { txid, input: index });
  if (!known) return refuse('transaction-output-unknown', 'the output that it spends is not here');
  let sameBefore = false;
  for (const rules of interpretation.rulesFor(graph.parents[input] as number)) {
    if (sameBefore && rules.era === GENESIS) continue;
    const verdict = runScripts(interpretation, signed, rules);
    if (verdict.refused) return refuse(verdict.refused.code, verdict.refused.reason + rules.because);
    sameBefore = verdict.sameBefore;
  }
  return accept(true);
};

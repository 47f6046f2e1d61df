import type { BeefGraph } from '../beef/beef-graph';
import { INPUT_ROW, TRANSACTION_ROW, TX_BUMP, TX_FIRST_INPUT, TX_INPUTS } from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { liveCrypto } from '../crypto/open-crypto';
import { type Result, accept } from '../rejection';
import type { CoinEras } from '../spv/date-coins';
import type { VerifiedBeef } from '../spv/verified-transaction';
import type { AncestryVerifiedBeef } from '../spv/verify-ancestry';
import { FastLane } from './fast-lane';
import { interpretInput } from './interpret-input';
import { openScriptBudget } from './script-budget';
import { listRules } from './script-rules';

export interface ScriptKnowledge {
  /** By transaction row: 1 where the verdict of its scripts is known to be good. A txid commits to all that they are judged by, but for the eras (ADR 29). */
  readonly known?: Uint8Array;
  /** By input row: 1 where `verifyInputsFast` accepted it. */
  readonly accepted?: Uint8Array;
  readonly crypto?: CryptoBackend;
}

/** Inputs that are gathered, hashed and checked together: enough that a call of the backend costs nothing, few enough that a false script ends it soon. */
const CHUNK = 256;

const openLane = (graph: BeefGraph & CoinEras, rows: Uint32Array, crypto: CryptoBackend): FastLane =>
  new FastLane(graph, crypto, Math.min(CHUNK, rows.length));

/** Input rows of the needed, unproven transactions that are not known by their row, parents first. A proven transaction runs no script: miners ran them. */
export const listScriptInputs = ({ tape, needed }: BeefGraph, known?: Uint8Array): Uint32Array => {
  const { transactions } = tape;
  const rows = new Uint32Array(tape.inputs.length / INPUT_ROW);
  let count = 0;
  for (let transaction = 0; transaction < needed.length; transaction++) {
    const row = transaction * TRANSACTION_ROW;
    if (needed[transaction] !== 1 || transactions[row + TX_BUMP] !== 0 || known?.[transaction] === 1) continue;
    const first = transactions[row + TX_FIRST_INPUT] as number;
    const end = first + (transactions[row + TX_INPUTS] as number);
    for (let input = first; input < end; input++) rows[count++] = input;
  }
  return rows.subarray(0, count);
};

/**
 * 1 for each of these input rows that a fast path accepts, 0 for all that it does not decide: it never refuses (decision 23). It ends at the first chunk in which
 * a script that it knows is false, since the interpreter will refuse the BEEF for that one. Pure, so that the rows may be split over workers.
 */
export const verifyInputsFast = (
  ancestry: AncestryVerifiedBeef,
  inputRows: Uint32Array,
  crypto: CryptoBackend = liveCrypto(),
): Uint8Array => {
  const accepted = new Uint8Array(inputRows.length);
  const lane = openLane(ancestry, inputRows, crypto);
  for (let start = 0; start < inputRows.length; start += CHUNK) {
    if (!lane.judge(inputRows, start, accepted)) break;
  }
  return accepted;
};

/**
 * The last step, and the only maker of a `VerifiedBeef`. It MUST be called only when the chain answered OK for every root of `listRoots`: scripts are the
 * dearest work there is, so nobody gets them for an unproven claim. What is neither known nor accepted takes the fast paths, then the interpreter under one
 * account for the BEEF, in the order of the inputs: whoever split the rows before, the same input is refused.
 */
export const verifyScripts = (
  ancestry: AncestryVerifiedBeef,
  { known, accepted, crypto }: ScriptKnowledge = {},
): Result<VerifiedBeef> => {
  const rows = listScriptInputs(ancestry, known).filter((row) => accepted?.[row] !== 1);
  if (rows.length === 0) return accept(ancestry as VerifiedBeef);
  const backend = crypto ?? liveCrypto();
  const lane = openLane(ancestry, rows, backend);
  const verdicts = new Uint8Array(rows.length);
  const { coinEras, isChronicleNext } = ancestry;
  const rulesFor = (parent: number) => listRules(coinEras[parent], isChronicleNext);
  const shared = { graph: ancestry, crypto: backend, sighash: lane.sighash, rulesFor };
  const budget = openScriptBudget();
  for (let start = 0; start < rows.length; start += CHUNK) {
    lane.judge(rows, start, verdicts);
    for (let place = start; place < Math.min(start + CHUNK, rows.length); place++) {
      if (verdicts[place] === 1) continue;
      const verdict = interpretInput({ ...shared, budget }, rows[place] as number);
      if (!verdict.ok) return verdict;
    }
  }
  return accept(ancestry as VerifiedBeef);
};

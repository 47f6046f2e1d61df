import { type BeefGraph, txidAt } from '../beef/beef-graph';
import { INPUT_ROW, TRANSACTION_ROW, TX_FIRST_INPUT, TX_INPUTS, rowNumber } from '../beef/beef-tape';
import type { Txid } from '../bytes';
import { type Result, accept } from '../rejection';
import { listScriptInputs, verifyInputsFast, verifyScripts } from '../script/verify-scripts';
import { listUnproven } from '../spv/list-unproven';
import type { VerifiedBeef } from '../spv/verified-transaction';
import type { AncestryVerifiedBeef } from '../spv/verify-ancestry';
import type { ScriptAccount } from './explanation';

export interface AccountedScripts {
  readonly verified: VerifiedBeef;
  readonly accounts: ReadonlyMap<Txid, ScriptAccount>;
}

const countAccepted = (accepted: Uint8Array, first: number, count: number): number => {
  let fast = 0;
  for (let input = first; input < first + count; input += 1) fast += accepted[input] ?? 0;
  return fast;
};

/** Of each unproven transaction, how many inputs were judged by what. `known` by transaction row, `accepted` by input row; what is neither was interpreted. */
export const listAccounts = (
  graph: BeefGraph,
  { known, accepted }: { readonly known?: Uint8Array; readonly accepted: Uint8Array },
): Map<Txid, ScriptAccount> => {
  const { transactions } = graph.tape;
  const accounts = new Map<Txid, ScriptAccount>();
  for (const row of listUnproven(graph)) {
    const at = row * TRANSACTION_ROW;
    const count = rowNumber(transactions, at + TX_INPUTS);
    const remembered = known?.[row] === 1 ? count : 0;
    const fastPath = remembered > 0 ? 0 : countAccepted(accepted, rowNumber(transactions, at + TX_FIRST_INPUT), count);
    accounts.set(txidAt(graph, row), { remembered, fastPath, interpreter: count - remembered - fastPath });
  }
  return accounts;
};

/** As `verifyScripts`, telling the fast paths from the interpreter: the same work in the same order, the fast paths first for all of it. */
export const accountScripts = (ancestry: AncestryVerifiedBeef): Result<AccountedScripts> => {
  const rows = listScriptInputs(ancestry);
  const fast = verifyInputsFast(ancestry, rows);
  const accepted = new Uint8Array(ancestry.tape.inputs.length / INPUT_ROW);
  for (const [place, row] of rows.entries()) accepted[row] = fast[place] ?? 0;
  const verified = verifyScripts(ancestry, { accepted });
  if (!verified.ok) return verified;
  return accept({ verified: verified.value, accounts: listAccounts(ancestry, { accepted }) });
};

import { txidAt } from '../beef/beef-graph';
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

/** As `verifyScripts`, telling the fast paths from the interpreter: the same work in the same order, the fast paths first for all of it. */
export const accountScripts = (ancestry: AncestryVerifiedBeef): Result<AccountedScripts> => {
  const { transactions, inputs } = ancestry.tape;
  const rows = listScriptInputs(ancestry);
  const fast = verifyInputsFast(ancestry, rows);
  const accepted = new Uint8Array(inputs.length / INPUT_ROW);
  for (const [place, row] of rows.entries()) accepted[row] = fast[place] ?? 0;
  const verified = verifyScripts(ancestry, { accepted });
  if (!verified.ok) return verified;
  const accounts = new Map<Txid, ScriptAccount>();
  for (const row of listUnproven(ancestry)) {
    const at = row * TRANSACTION_ROW;
    const count = rowNumber(transactions, at + TX_INPUTS);
    const fastPath = countAccepted(accepted, rowNumber(transactions, at + TX_FIRST_INPUT), count);
    accounts.set(txidAt(ancestry, row), { remembered: 0, fastPath, interpreter: count - fastPath });
  }
  return accept({ verified: verified.value, accounts });
};

import { type ExtendedTransaction, readExtendedFormat } from '../beef/read-ef';
import { readTransaction } from '../beef/read-transaction';
import type { Transaction, TransactionOutput } from '../beef/transaction';
import type { Rejection } from '../rejection';
import { explainRefusal } from './explain-verdict';
import type { RefusalExplanation, VerdictStage } from './explanation';
import { judgeClaims } from './judge-claims';

/** A transaction that came without its proof is never accepted; this says what could be judged all the same. */
export interface TransactionExplanation extends RefusalExplanation {
  readonly transaction: {
    readonly format: 'raw transaction' | 'Extended Format';
    readonly bytes: number;
    readonly version: number;
    readonly lockTime: number;
    readonly inputs: number;
    readonly outputs: number;
    readonly satoshisPaid: number;
    /** By what the file says of its parents; null where it says nothing. */
    readonly satoshisTaken: number | null;
  };
  readonly judged: readonly string[];
  readonly notJudged: readonly string[];
}

const NEVER_JUDGED = [
  'whether the outputs that it spends exist and are unspent',
  'whether it is in a block: there is no proof in it',
  'finality and coinbase maturity: they need the chain that a proof leads to',
];
const FORM = 'form: one transaction in its one encoding';
const CLAIMS = 'value, uniqueness and scripts, against the outputs that the file claims to spend';

const sum = (outputs: readonly TransactionOutput[]): number =>
  outputs.reduce((total, { satoshis }) => total + satoshis, 0);

const unproven = ({ txid }: Transaction, format: string): Rejection => ({
  code: 'beef-parent-missing',
  detail: `${format}: there is no proof in it, neither a BUMP nor its parents; a BEEF has them`,
  at: { txid },
});

const describe = (
  transaction: Transaction,
  format: TransactionExplanation['transaction']['format'],
  facts: { readonly bytes: number; readonly parentOutputs: readonly TransactionOutput[] | undefined },
): TransactionExplanation['transaction'] => ({
  format,
  bytes: facts.bytes,
  version: transaction.version,
  lockTime: transaction.lockTime,
  inputs: transaction.inputs.length,
  outputs: transaction.outputs.length,
  satoshisPaid: sum(transaction.outputs),
  satoshisTaken: facts.parentOutputs === undefined ? null : sum(facts.parentOutputs),
});

const SCRIPT_CODES: readonly Rejection['code'][] = ['transaction-script-failed', 'transaction-script-limit'];

const stageOf = ({ code }: Rejection): VerdictStage => {
  if (code === 'beef-parent-missing') return 'read';
  return SCRIPT_CODES.includes(code) ? 'scripts' : 'ancestry';
};

const explainExtended = (bytes: Uint8Array, claimed: ExtendedTransaction): TransactionExplanation => {
  const { transaction, parentOutputs } = claimed;
  const claims = judgeClaims(bytes, claimed);
  const rejection = claims.ok ? unproven(transaction, 'Extended Format') : claims.rejection;
  const place = { isReadable: true, subject: transaction.txid, depth: 0 };
  return {
    ...explainRefusal(rejection, { stage: stageOf(rejection), place }),
    transaction: describe(transaction, 'Extended Format', { bytes: bytes.length, parentOutputs }),
    judged: [FORM, CLAIMS],
    notJudged: [
      'whether those claims are true: the txid commits to no value and no script of a parent',
      ...NEVER_JUDGED,
    ],
  };
};

/** What can be said of bytes that are no BEEF: a raw transaction, Extended Format (BRC-30), or nothing known. */
export const explainTransaction = (bytes: Uint8Array): TransactionExplanation | RefusalExplanation => {
  const extended = readExtendedFormat(bytes);
  if (extended.ok) return explainExtended(bytes, extended.value);
  const raw = readTransaction(bytes);
  if (!raw.ok) {
    const detail = 'the bytes are neither a BEEF nor a transaction, raw or in Extended Format';
    return explainRefusal({ code: 'beef-malformed', detail }, { stage: 'read' });
  }
  const place = { isReadable: true, subject: raw.value.txid, depth: 0 };
  return {
    ...explainRefusal(unproven(raw.value, 'a raw transaction'), { stage: 'read', place }),
    transaction: describe(raw.value, 'raw transaction', { bytes: bytes.length, parentOutputs: undefined }),
    judged: [FORM],
    notJudged: ['value and scripts: what it spends is not in the file', ...NEVER_JUDGED],
  };
};

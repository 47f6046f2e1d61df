import { readUint32At } from '../beef/beef-tape';
import { BEEF_ATOMIC, BEEF_V1, BEEF_V2 } from '../beef/magic';
import type { Txid } from '../bytes';
import { type Rejection, rejections } from '../rejection';
import type { GraphTransaction, VerifiedTransaction } from '../spv/verified-transaction';
import type {
  AcceptanceExplanation,
  BeefFormat,
  PlanExplanation,
  ProofExplanation,
  RefusalExplanation,
  ScriptAccount,
  VerdictStage,
} from './explanation';
import type { RefusedPlace } from './locate-transaction';
import { nameRule } from './name-rule';

export interface RefusalFacts {
  readonly stage: VerdictStage;
  /** Where in the BEEF it happened, as far as the bytes could be read. */
  readonly place?: RefusedPlace | undefined;
  readonly spentBy?: Txid | undefined;
}

/** A refusal with everything that is known about it. */
export const explainRefusal = (
  { code, detail, at }: Rejection,
  { stage, place, spentBy }: RefusalFacts,
): RefusalExplanation => ({
  accepted: false,
  stage,
  code,
  sentence: rejections[code].sentence,
  detail,
  rule: nameRule(code) ?? null,
  txid: at?.txid ?? null,
  input: at?.input ?? null,
  depth: place?.depth ?? null,
  subject: place?.subject ?? null,
  spentBy: spentBy ?? null,
  next: rejections[code].next,
});

export interface AcceptanceFacts {
  /** The BEEF as it came. */
  readonly beef: Uint8Array;
  /** The blocks of the best chain at the heights that the proofs name. */
  readonly blocks: ReadonlyMap<number, { readonly hash: string; readonly merkleRoot: string }>;
  /** By transaction; what is not named here was the interpreter's to judge. */
  readonly accounts: ReadonlyMap<Txid, ScriptAccount>;
  readonly plan: PlanExplanation | null;
}

const FORMATS: ReadonlyMap<number, BeefFormat> = new Map([
  [BEEF_V1, 'BEEF V1'],
  [BEEF_V2, 'BEEF V2'],
  [BEEF_ATOMIC, 'Atomic BEEF'],
]);

/** Each transaction's spends from the subject. Children before parents, so one pass backwards sees every way to a transaction before the transaction. */
const measureDepths = (transactions: readonly GraphTransaction[], subject: Txid): Map<Txid, number> => {
  const depths = new Map<Txid, number>([[subject, 0]]);
  for (const { txid, inputs, bump } of transactions.toReversed()) {
    const depth = depths.get(txid);
    if (depth === undefined || bump !== undefined) continue;
    for (const { parentTxid } of inputs)
      depths.set(parentTxid, Math.min(depths.get(parentTxid) ?? Infinity, depth + 1));
  }
  return depths;
};

/** Undefined when a proof's block is not among `blocks`: the chain moved on since the roots were judged, and the verdict with it. */
const listProofs = (
  transactions: readonly GraphTransaction[],
  blocks: AcceptanceFacts['blocks'],
): ProofExplanation[] | undefined => {
  const proofs = new Map<number, ProofExplanation & { readonly txids: Txid[] }>();
  for (const { txid, bump } of transactions) {
    if (bump === undefined) continue;
    const { height, root } = bump;
    const block = blocks.get(height);
    if (block?.merkleRoot !== root) return undefined;
    const proof = proofs.get(height) ?? { height, blockHash: block.hash, root, verdict: 'OK', txids: [] };
    proof.txids.push(txid);
    proofs.set(height, proof);
  }
  return [...proofs.values()].sort((a, b) => a.height - b.height);
};

/** What was found true, and by whom. Undefined when the blocks do not bear out the proofs any more: judge again. */
export const explainAcceptance = (
  { subject, transactions }: VerifiedTransaction,
  { beef, blocks, accounts, plan }: AcceptanceFacts,
): AcceptanceExplanation | undefined => {
  const proofs = listProofs(transactions, blocks);
  if (proofs === undefined) return undefined;
  const depths = measureDepths(transactions, subject.txid);
  const unproven = transactions.filter(({ bump }) => bump === undefined);
  const { txid, version, lockTime, raw, inputs, outputs, bump } = subject;
  return {
    accepted: true,
    txid,
    format: FORMATS.get(readUint32At(beef, 0)) ?? 'BEEF V1',
    bytes: beef.length,
    subject: {
      version,
      lockTime,
      bytes: raw.length,
      inputs: inputs.length,
      outputs: outputs.length,
      proven: bump !== undefined,
    },
    ancestors: {
      count: transactions.length - 1,
      unproven: unproven.length - (bump === undefined ? 1 : 0),
      depth: Math.max(...transactions.map((transaction) => depths.get(transaction.txid) ?? 0)),
    },
    proofs,
    scripts: unproven.map((transaction) => ({
      txid: transaction.txid,
      depth: depths.get(transaction.txid) ?? 0,
      ...(accounts.get(transaction.txid) ?? { remembered: 0, fastPath: 0, interpreter: transaction.inputs.length }),
    })),
    plan,
  };
};

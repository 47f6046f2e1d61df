import type { RejectionCode } from '#atomic-core';
import { Beef, type Transaction } from '@bsv/sdk';
import type { Root } from '../../hostile/corpus/draft';
import { POLICY_BEFORE_CHRONICLE, judgeBySdk, passesInterpreter } from './judge-sdk';

/** What the SDK accepted and the core refused. */
export interface SdkOnly {
  readonly bytes: Uint8Array;
  readonly roots: readonly Root[];
  readonly transaction: Transaction;
  readonly detail: string;
}

export interface DifferenceRule {
  readonly code: RejectionCode;
  readonly rule: string;
  /** A second opinion, where one can be had without the core: does the rule really apply here? */
  readonly holds?: (difference: SdkOnly) => boolean;
}

const unprovenOf = (subject: Transaction): Transaction[] => {
  const found = new Map<string, Transaction>();
  const waiting = [subject];
  for (let current = waiting.pop(); current; current = waiting.pop()) {
    if (current.merklePath || found.has(current.id('hex'))) continue;
    found.set(current.id('hex'), current);
    for (const { sourceTransaction } of current.inputs) if (sourceTransaction) waiting.push(sourceTransaction);
  }
  return [...found.values()];
};

/** Written again by the SDK itself, the BEEF is not what was read. */
const isRewritten = ({ bytes }: SdkOnly): boolean => {
  try {
    return !Buffer.from(Beef.fromBinary([...bytes]).toBinary()).equals(Buffer.from(bytes));
  } catch {
    return true;
  }
};

const entriesOf = (bytes: Uint8Array) => Beef.fromBinary([...bytes]).txs;

const idsOf = ({ bytes }: SdkOnly): string[] => entriesOf(bytes).map(({ txid }) => txid);

const hasTwice = (names: readonly string[]): boolean => new Set(names).size < names.length;

const anyUnproven =
  (test: (transaction: Transaction) => boolean) =>
  ({ transaction }: SdkOnly): boolean =>
    unprovenOf(transaction).some(test);

const anyTransaction =
  (test: (transaction: Transaction) => boolean) =>
  ({ bytes }: SdkOnly): boolean =>
    entriesOf(bytes).some(({ tx }) => tx !== undefined && test(tx));

const outpointsOf = ({ bytes }: SdkOnly): string[] =>
  entriesOf(bytes).flatMap(({ tx }) =>
    (tx?.inputs ?? []).map(({ sourceTXID, sourceOutputIndex }) => `${sourceTXID ?? ''}.${sourceOutputIndex}`),
  );

const findsBump = (bytes: Uint8Array, txid: string): boolean =>
  Beef.fromBinary([...bytes]).findBump(txid) !== undefined;

/** The SDK takes a transaction for proven when any BUMP of the BEEF holds it, whatever its entry says. */
const isProvenUnnamed = ({ bytes }: SdkOnly): boolean =>
  entriesOf(bytes).some(({ bumpIndex, txid }) => bumpIndex === undefined && findsBump(bytes, txid));

const UNNAMED = 'BRC-62: a proof counts for the entry that names its BUMP; the SDK takes any BUMP that holds the txid';
const judgedUnproven: readonly RejectionCode[] = [
  ...(['beef-parent-missing', 'transaction-input-missing', 'transaction-output-missing'] as const),
  ...(['transaction-output-unknown', 'transaction-value-invalid', 'transaction-inflates'] as const),
  ...(['transaction-not-final', 'transaction-version-unsupported', 'transaction-script-failed'] as const),
  'proof-root-invalid',
];

const SUPPLY_MAX = 21e14;
const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((total, value = 0) => total + value, 0);
const movesTooMuch = ({ inputs, outputs }: Transaction): boolean =>
  sum(outputs.map(({ satoshis }) => satoshis)) > SUPPLY_MAX ||
  sum(
    inputs.map(({ sourceTransaction, sourceOutputIndex }) => sourceTransaction?.outputs[sourceOutputIndex]?.satoshis),
  ) > SUPPLY_MAX;

const isOutOfOrder = (difference: SdkOnly): boolean => {
  const place = new Map(idsOf(difference).map((txid, index) => [txid, index]));
  return entriesOf(difference.bytes).some(({ tx }, index) =>
    tx?.inputs.some(({ sourceTXID = '' }) => (place.get(sourceTXID) ?? -1) > index),
  );
};

/** Something in it is reached from the subject by no input. */
const hasStranger = ({ bytes, transaction }: SdkOnly): boolean => {
  const byId = new Map(entriesOf(bytes).map(({ txid, tx }) => [txid, tx]));
  const reached = new Set([transaction.id('hex')]);
  for (const txid of reached)
    for (const { sourceTXID = '' } of byId.get(txid)?.inputs ?? []) if (byId.has(sourceTXID)) reached.add(sourceTXID);
  return reached.size < byId.size;
};

/**
 * Every reason for which the core refuses what the SDK takes, and how to see without the core that it applies. The letters are the defects of `@bsv/sdk`
 * that the `sdk-defects.spec.ts` files show one by one; 0019 is the decision on strictness.
 */
export const rules: readonly DifferenceRule[] = [
  { code: 'beef-truncated', rule: 'B4: the bytes end before what they declare', holds: isRewritten },
  { code: 'beef-trailing-bytes', rule: 'B4: bytes follow the end', holds: isRewritten },
  { code: 'beef-not-canonical', rule: 'B4: a number not in its shortest form', holds: isRewritten },
  {
    code: 'beef-not-canonical',
    rule: '0019: a leaf named beside a proven one gives the BUMP a second encoding',
    holds: ({ detail }) => detail.includes('a BUMP names'),
  },
  {
    code: 'beef-malformed',
    rule: 'BRC-62: the BUMP that an entry names is there',
    holds: ({ bytes }) => {
      const { txs, bumps } = Beef.fromBinary([...bytes]);
      return txs.some(({ bumpIndex = -1 }) => bumpIndex >= bumps.length);
    },
  },
  {
    code: 'beef-malformed',
    rule: 'BRC-62, BRC-96: a format byte without a meaning, or a BUMP that is not there',
    holds: isRewritten,
  },
  {
    code: 'beef-txid-only',
    rule: 'BRC-96: a txid stands for what the receiver knows, and nothing is known here unverified',
    holds: ({ bytes }) => Beef.fromBinary([...bytes]).txs.some(({ isTxidOnly }) => isTxidOnly),
  },
  {
    code: 'beef-txid-only',
    rule: 'B4: the bytes end before what they declare, behind such an entry',
    holds: isRewritten,
  },
  {
    code: 'beef-duplicate-transaction',
    rule: '0019: one transaction, one place',
    holds: (difference) => hasTwice(idsOf(difference)),
  },
  { code: 'beef-order-invalid', rule: 'BRC-62: parents first', holds: isOutOfOrder },
  { code: 'beef-parent-missing', rule: '0019: strangers are read as strictly as ancestors', holds: hasStranger },
  {
    code: 'beef-unrelated-transaction',
    rule: 'B12: BRC-95 holds a subject and its ancestors only',
    holds: hasStranger,
  },
  {
    code: 'bump-malformed',
    rule: 'limits: heights and offsets below 2^31',
    holds: ({ detail }) => detail.includes('a block height'),
  },
  { code: 'bump-malformed', rule: 'B4: flags, offsets or levels that no writer writes', holds: isRewritten },
  {
    code: 'bump-malformed',
    rule: 'BRC-74, B11: every node of a BUMP stands in the tree and leads to its one root',
    holds: ({ detail }) =>
      /offset outside|flags \d|one offset twice|no proper sibling|branches disagree|leads to no root|stands twice|two tree heights|stand first/.test(
        detail,
      ),
  },
  {
    code: 'bump-transaction-missing',
    rule: 'BRC-74: a path proves the leaves that it names (flag 2), and the entry names its path',
  },
  {
    code: 'transaction-input-missing',
    rule: 'B7: nothing taken in, nothing conserved',
    holds: anyUnproven(({ inputs }) => inputs.length === 0),
  },
  {
    code: 'transaction-output-missing',
    rule: 'B10: a transaction pays somewhere',
    holds: anyUnproven(({ outputs }) => outputs.length === 0),
  },
  {
    code: 'transaction-version-unsupported',
    rule: '0019: versions 1 and 2',
    holds: anyUnproven(({ version }) => version !== 1 && version !== 2),
  },
  {
    code: 'transaction-not-final',
    rule: 'B10: finality',
    holds: anyUnproven(
      ({ lockTime, inputs }) => lockTime > 0 && inputs.some(({ sequence }) => sequence !== 0xffffffff),
    ),
  },
  {
    code: 'transaction-value-invalid',
    rule: 'B10: no value and no sum above the supply',
    holds: (difference) => anyTransaction(movesTooMuch)(difference) || anyUnproven(movesTooMuch)(difference),
  },
  {
    code: 'transaction-double-spend',
    rule: 'B5, B6: one spender for one outpoint',
    holds: (difference) => hasTwice(outpointsOf(difference)),
  },
  {
    code: 'transaction-leaf-ambiguous',
    rule: 'B11: 64 bytes',
    holds: anyTransaction((transaction) => transaction.toBinary().length === 64),
  },
  {
    code: 'coinbase-immature',
    rule: 'B9: maturity, which the SDK has the wrong way round',
    holds: anyTransaction(({ inputs }) => inputs[0]?.sourceOutputIndex === 0xffffffff),
  },
  {
    code: 'transaction-script-failed',
    rule: 'B13: the rules against malleability for version 2 too, FORKID, and opcodes left to upgrades',
    holds: ({ transaction }) => !passesInterpreter(transaction),
  },
  ...judgedUnproven.map((code) => ({ code, rule: UNNAMED, holds: isProvenUnnamed })),
];

export interface OursOnly {
  readonly bytes: Uint8Array;
  readonly roots: readonly Root[];
  readonly why: string;
  readonly transaction: Transaction | undefined;
}

interface OursOnlyRule {
  readonly rule: string;
  readonly holds: (difference: OursOnly) => Promise<boolean>;
}

/** What the core accepts and the SDK refuses: only where a rule of the network says that the SDK is wrong. */
export const oursOnlyRules: readonly OursOnlyRule[] = [
  {
    rule: 'B9: the SDK takes no leaf at offset 0 that is more than 100 blocks deep',
    // With a tip that is not deeper than any proof, the SDK must agree.
    holds: async ({ bytes, roots, why }) =>
      why.startsWith('Invalid merkle path') && (await judgeBySdk(bytes, roots, 0)).kind === 'accepted',
  },
  {
    rule: '0019: the root of a BUMP that no entry names is asked by the SDK alone',
    holds: async ({ bytes, why }) => {
      const txid = /^Invalid merkle path for transaction ([0-9a-f]{64})/.exec(why)?.[1];
      const entry = txid === undefined ? undefined : entriesOf(bytes).find((each) => each.txid === txid);
      return Promise.resolve(entry !== undefined && entry.bumpIndex === undefined && findsBump(bytes, entry.txid));
    },
  },
  {
    // The node asks the hash type of the era of the block (ILLEGAL_CHRONICLE) and the opcodes of the era of the coin (0029), the SDK both of version 2 of the
    // transaction. What is compared here is dated by the development network: block and coins are of Chronicle.
    rule: 'B13: hash types and opcodes of Chronicle, in version 1 too',
    holds: async ({ why, transaction }) =>
      Promise.resolve(
        /^(Script evaluation error|false)/.test(why) &&
          transaction !== undefined &&
          passesInterpreter(transaction) &&
          !passesInterpreter(transaction, POLICY_BEFORE_CHRONICLE),
      ),
  },
];

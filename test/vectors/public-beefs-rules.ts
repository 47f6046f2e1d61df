import type { RejectionCode } from '#atomic-core';

export interface DifferenceRule {
  readonly code: RejectionCode;
  readonly reason: string;
}

const unnamedLeaf: DifferenceRule = {
  code: 'bump-transaction-missing',
  reason:
    'BRC-74 flag 2: a BUMP proves the transactions that it names. Here the leaf has flag 0; the SDK finds it all the same, but then lists no root for it (`roots` is empty), so that no chain is ever asked. The block is made up.',
};

/** Every public BEEF that the SDK accepts and the core refuses. A row that is missing, or one too many, fails the suite. */
export const rules: Readonly<Record<string, DifferenceRule>> = {
  f91970b355c3e540: {
    code: 'beef-duplicate-transaction',
    reason: 'One transaction, one place: an entry repeats a transaction that already stood in it.',
  },
  '348fe519f911b358': unnamedLeaf,
  a4fadfaf7608d218: unnamedLeaf,
  e357bf3c44cb0bb2: unnamedLeaf,
  '0dbedced1cc8cdc8': {
    code: 'beef-truncated',
    reason:
      'B4: the last entry says that it has a BUMP and the bytes end before its index. The SDK reads on past the end.',
  },
  '45dbe9937f76c952': unnamedLeaf,
  fa12e7d8edf26ce9: unnamedLeaf,
  f233471e5320e96b: unnamedLeaf,
  '02ff260ba54d01aa': unnamedLeaf,
  e5440f2a8c47c447: unnamedLeaf,
  '5b97229f4d1029e9': unnamedLeaf,
  '198f648b7e84d023': unnamedLeaf,
};

import type { TrackedTransaction } from './chain-state';
import type { ArcRefusal } from './judge';
import type { Network } from './network';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  409: 'Generic error',
  460: 'Not extended format',
  461: 'Malformed transaction',
  462: 'Invalid inputs',
  463: 'Malformed transaction',
  464: 'Invalid outputs',
  465: 'Fee too low',
  466: 'Conflicting tx found',
  468: 'Invalid BEEF',
  469: 'Merkle roots validation failed',
  474: 'Transaction size is too large',
  476: 'Transaction is not final',
};

export const describeRefusal = ({ status, detail }: ArcRefusal, txid: string | null): Record<string, unknown> => ({
  type: `https://bitcoin-sv.github.io/arc/#/errors?id=_${status}`,
  title: titles[status] ?? 'Error',
  status,
  detail: titles[status] ?? 'Error',
  instance: null,
  txid,
  extraInfo: detail,
});

const printStatus = (entry: TrackedTransaction): string => {
  switch (entry.status) {
    case 'mined':
      return 'MINED';
    case 'orphan':
      return 'SEEN_IN_ORPHAN_MEMPOOL';
    case 'rejected':
      return 'REJECTED';
    case 'contested':
      return 'DOUBLE_SPEND_ATTEMPTED';
    case 'seen':
      return entry.competing.size > 0
        ? 'DOUBLE_SPEND_ATTEMPTED'
        : entry.stale
          ? 'MINED_IN_STALE_BLOCK'
          : 'SEEN_ON_NETWORK';
  }
};

/** What ARC answers for a known transaction, and what it sends in callbacks. */
export const describeStatus = (network: Network, entry: TrackedTransaction): Record<string, unknown> => ({
  txid: entry.txid,
  txStatus: printStatus(entry),
  extraInfo: entry.reason,
  competingTxs: entry.competing.size > 0 ? [...entry.competing] : null,
  blockHash: entry.block?.hash ?? '',
  blockHeight: entry.block?.height ?? 0,
  merklePath: network.merklePathOf(entry)?.toHex() ?? '',
  timestamp: new Date().toISOString(),
});

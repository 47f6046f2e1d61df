import type { Txid } from '../bytes';
import { liveCrypto } from '../crypto/open-crypto';
import { txidAt } from './beef-graph';
import {
  BUMP_ROW,
  type BeefTape,
  TRANSACTION_ROW,
  TX_BUMP,
  TX_END,
  TX_START,
  countTransactions,
  rowNumber,
} from './beef-tape';
import { computeTxids } from './compute-txids';
import { BEEF_V2 } from './magic';
import { MeasuredWriter, varintBytes } from './measured-writer';
import { scanBeef } from './scan-beef';

interface MergedTransaction {
  readonly raw: Uint8Array;
  bump: Uint8Array | undefined;
}

const bumpAt = ({ bytes, transactions, bumps }: BeefTape, row: number): Uint8Array | undefined => {
  const bump = rowNumber(transactions, row * TRANSACTION_ROW + TX_BUMP) - 1;
  if (bump < 0) return undefined;
  return bytes.subarray(rowNumber(bumps, bump * BUMP_ROW), rowNumber(bumps, bump * BUMP_ROW + 1));
};

const merge = (beefs: readonly Uint8Array[]): MergedTransaction[] => {
  const merged = new Map<Txid, MergedTransaction>();
  for (const beef of beefs) {
    const scanned = scanBeef(beef);
    if (!scanned.ok) throw new Error(`A BEEF of our own does not read: ${scanned.rejection.detail}`);
    const { tape } = scanned.value;
    const txids = computeTxids(tape, liveCrypto());
    for (let row = 0; row < countTransactions(tape); row++) {
      const txid = txidAt({ txids }, row);
      const bump = bumpAt(tape, row);
      const known = merged.get(txid);
      // One of two answers may be older than a proof.
      if (known !== undefined) known.bump ??= bump;
      else {
        const at = row * TRANSACTION_ROW;
        const span = [rowNumber(tape.transactions, at + TX_START), rowNumber(tape.transactions, at + TX_END)] as const;
        merged.set(txid, { raw: tape.bytes.subarray(...span), bump });
      }
    }
  }
  return [...merged.values()];
};

/**
 * One BEEF (V2, BRC-96) of all that is in several of ours, each transaction once, parents before what spends them: what `X-Aggregation` of the overlay
 * routes answers. By their octets: no path is folded, no transaction becomes an object. Throws for what is no BEEF, which is a fault of who calls.
 */
export const mergeBeefs = (beefs: readonly Uint8Array[]): Uint8Array => {
  const transactions = merge(beefs);
  const bumps = transactions.flatMap(({ bump }) => (bump ? [bump] : []));
  let length = 4 + varintBytes(bumps.length) + varintBytes(transactions.length);
  for (const [index, bump] of bumps.entries()) length += bump.length + varintBytes(index);
  for (const { raw } of transactions) length += 1 + raw.length;
  const writer = new MeasuredWriter(length);
  writer.writeUint32(BEEF_V2);
  writer.writeVarint(bumps.length);
  for (const bump of bumps) writer.writeBytes(bump);
  writer.writeVarint(transactions.length);
  let bumpIndex = 0;
  for (const { raw, bump } of transactions) {
    writer.writeUint8(bump ? 1 : 0);
    if (bump) writer.writeVarint(bumpIndex++);
    writer.writeBytes(raw);
  }
  return writer.finish();
};

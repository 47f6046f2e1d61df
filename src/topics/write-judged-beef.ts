import { txidToWire, type GraphTransaction, type Txid, type VerifiedTransaction } from '#atomic-core';

const BEEF_V1 = Buffer.from('0100beef', 'hex');

function varint(value: number): Buffer {
  if (value < 0xfd) return Buffer.from([value]);
  const octets = Buffer.alloc(value <= 0xffff ? 3 : 5);
  octets[0] = value <= 0xffff ? 0xfd : 0xfe;
  if (value <= 0xffff) octets.writeUInt16LE(value, 1);
  else octets.writeUInt32LE(value, 1);
  return octets;
}

type Written = Pick<GraphTransaction, 'txid' | 'raw' | 'bump'>;

/**
 * What a topic manager is given: BEEF V1 (BRC-62), which every release of the SDK reads, the subject last, with the transactions of the coins that it spends.
 * A proven subject with coins is written without its proof: `Transaction.fromBEEF` links no inputs to a proven transaction, and a token manager that finds
 * no source for a coin would burn the token. That the subject is in a block was judged before anybody is asked.
 */
export function writeJudgedBeef(
  { subject, transactions }: VerifiedTransaction,
  coinParents: readonly GraphTransaction[],
  hasCoins: boolean,
): Uint8Array {
  const graph = new Map<Txid, Written>();
  for (const transaction of [...coinParents, ...transactions]) {
    if (transaction.txid !== subject.txid && !graph.has(transaction.txid)) graph.set(transaction.txid, transaction);
  }
  const ordered = hasCoins
    ? [...graph.values(), subject].map((transaction) => leaveProofOut(transaction, subject.txid))
    : [...graph.values(), subject];
  const bumps = ordered.flatMap((transaction) => (transaction.bump === undefined ? [] : [transaction.bump.bytes]));
  const parts: Uint8Array[] = [BEEF_V1, varint(bumps.length), ...bumps, varint(ordered.length)];
  let index = 0;
  for (const transaction of ordered) {
    const isProven = transaction.bump !== undefined;
    parts.push(transaction.raw, Buffer.from([isProven ? 1 : 0]));
    if (isProven) parts.push(varint(index++));
  }
  return Buffer.concat(parts);
}

/** The SDK takes any leaf of any path for proven, and the subject stands beside its neighbours in theirs: those proofs are left out with its own. */
function leaveProofOut({ txid, raw, bump }: Written, subject: Txid): Written {
  const isBeside = bump !== undefined && Buffer.from(bump.bytes).includes(txidToWire(subject));
  return { txid, raw, bump: txid === subject || isBeside ? undefined : bump };
}

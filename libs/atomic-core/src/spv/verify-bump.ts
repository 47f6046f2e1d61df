import { ByteCursor } from '../beef/byte-cursor';
import { type Txid, txidFromWire, txidToWire } from '../bytes';
import { liveCrypto } from '../crypto/open-crypto';
import { BEEF_BYTES_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { foldBumps } from './fold-bumps';
import { LeafIndexes } from './leaf-indexes';
import { scanBump } from './scan-bump';
import type { Bump } from './verified-transaction';
import { writeBump } from './write-bump';

const scanAlone = (bytes: Uint8Array): Result<Uint32Array> => {
  if (bytes.length > BEEF_BYTES_MAX) return reject('bump-malformed', `more than ${BEEF_BYTES_MAX} bytes`);
  const cursor = new ByteCursor(bytes, {
    truncated: 'bump-malformed',
    notCanonical: 'bump-malformed',
    limit: 'bump-malformed',
  });
  scanBump(cursor);
  if (cursor.fault) return reject(cursor.fault.code, cursor.fault.detail);
  if (cursor.bytesLeft > 0) return reject('bump-malformed', `${cursor.bytesLeft} bytes follow the BUMP`);
  return accept(Uint32Array.of(0, bytes.length));
};

/**
 * Reads a lone BUMP (BRC-74), as a broadcaster sends it, strictly: every node leads to one root, no byte is left over, and `txid` is a leaf of it. What
 * comes back is the path of that transaction alone. Whether the root is the block's is the chain's question, asked with `height` and `root`.
 */
export const verifyBump = (bytes: Uint8Array, txid: Txid): Result<Bump> => {
  const bumps = scanAlone(bytes);
  if (!bumps.ok) return bumps;
  const forest = foldBumps({ bytes, bumps: bumps.value }, liveCrypto());
  if (!forest.ok) return forest;
  const leaves = LeafIndexes.open(forest.value);
  if (!leaves.ok) return leaves;
  const leaf = leaves.value.find(0, txidToWire(txid), 0);
  if (leaf < 0) return reject('bump-transaction-missing', `the BUMP does not hold ${txid}`, { txid });
  const { heights, rootPlaces, hashes } = forest.value;
  const root = 32 * (rootPlaces[0] as number);
  return accept({
    height: heights[0] as number,
    root: txidFromWire(hashes.subarray(root, root + 32)),
    bytes: writeBump(forest.value, 0, leaf),
  });
};

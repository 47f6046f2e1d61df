import type { CryptoBackend } from '../crypto/crypto-backend';
import { type BeefTape, TRANSACTION_ROW, TX_END, TX_START, countTransactions, rowNumber } from './beef-tape';

/** By transaction row: 32 bytes each, wire order. One call of the backend for all of them. */
export const computeTxids = (tape: BeefTape, crypto: Pick<CryptoBackend, 'sha256dSpans'>): Uint8Array => {
  const count = countTransactions(tape);
  const spans = new Uint32Array(2 * count);
  for (let row = 0; row < count; row++) {
    spans[2 * row] = rowNumber(tape.transactions, row * TRANSACTION_ROW + TX_START);
    spans[2 * row + 1] = rowNumber(tape.transactions, row * TRANSACTION_ROW + TX_END);
  }
  const txids = new Uint8Array(32 * count);
  crypto.sha256dSpans(tape.bytes, spans, count, txids);
  return txids;
};

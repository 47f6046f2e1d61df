import { readUint32At } from './beef-tape';
import { EF_MARKER } from './magic';
import type { Transaction, TransactionOutput } from './transaction';
import { MeasuredWriter, varintBytes } from './measured-writer';

/** Lengths and counts of a transaction: never more than four bytes of number. */
const readVarintAt = (raw: Uint8Array, at: number): number => {
  const first = raw[at] as number;
  if (first < 0xfd) return first;
  return first === 0xfd ? readUint32At(raw, at + 1) & 0xffff : readUint32At(raw, at + 1);
};

const measure = (raw: Uint8Array, parentOutputs: readonly TransactionOutput[]): number => {
  let length = raw.length + EF_MARKER.length;
  for (const { lockingScript } of parentOutputs) length += 8 + varintBytes(lockingScript.length) + lockingScript.length;
  return length;
};

/**
 * Extended Format (BRC-30): the transaction with the value and locking script that each input spends. `parentOutputs` MUST stand in the order of the inputs.
 * Written once, into a buffer of its exact length, from stretches of `raw`: the inputs are passed over, not taken apart.
 */
export const writeExtendedFormat = (
  { raw }: Pick<Transaction, 'raw'>,
  parentOutputs: readonly TransactionOutput[],
): Uint8Array => {
  const count = readVarintAt(raw, 4);
  if (parentOutputs.length !== count) throw new Error('Extended Format needs one parent output for each input');
  const writer = new MeasuredWriter(measure(raw, parentOutputs));
  writer.writeSlice(raw, 0, 4);
  writer.writeBytes(EF_MARKER);
  let written = 4;
  let position = 4 + varintBytes(count);
  for (const { satoshis, lockingScript } of parentOutputs) {
    const scriptLength = readVarintAt(raw, position + 36);
    position += 36 + varintBytes(scriptLength) + scriptLength + 4;
    writer.writeSlice(raw, written, position);
    writer.writeUint64(satoshis);
    writer.writeVarint(lockingScript.length);
    writer.writeBytes(lockingScript);
    written = position;
  }
  writer.writeSlice(raw, written, raw.length);
  return writer.finish();
};

import type { SignatureBatch } from './crypto-backend';

/** Thrown, not returned: a length that does not fit is a fault of the caller of this interface, never of the bytes it was sent. */
const fault = (what: string): never => {
  throw new RangeError(`crypto: ${what}`);
};

const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0 && count <= 0xffff_ffff;

/** Every span lies within `bytes` and every digest within `out`. All of them before the first is hashed: a refused call has written nothing. */
export function checkSpans(bytes: Uint8Array, spans: Uint32Array, count: number, outBytes: number): void {
  if (!isCount(count) || spans.length < 2 * count) fault('spans shorter than their count');
  if (outBytes < 0) fault('no room for the digests');
  const end = 2 * count;
  for (let at = 0; at < end; at += 2) {
    const stop = spans[at + 1] as number;
    if ((spans[at] as number) > stop || stop > bytes.length) fault('a span out of range');
  }
}

export function checkTriples(nodes: Uint8Array, triples: Uint32Array, count: number): void {
  if (!isCount(count) || triples.length < 3 * count) fault('triples shorter than their count');
  const rows = Math.floor(nodes.length / 32);
  const end = 3 * count;
  for (let at = 0; at < end; at++) if ((triples[at] as number) >= rows) fault('a node out of range');
}

export function checkSignatures(batch: SignatureBatch): void {
  const { count, digests, signatures, verdicts, keyBytes, keySpans } = batch;
  checkSpans(keyBytes, keySpans, count, verdicts.length - count);
  if (digests.length < 32 * count || signatures.length < 64 * count)
    fault('digests or signatures shorter than their count');
}

/** Compressed or uncompressed by its first byte and its length; the hybrid spellings 06 and 07 are no keys of ours. */
export const isKeyShape = (keyBytes: Uint8Array, start: number, end: number): boolean => {
  const first = keyBytes[start];
  return end - start === 33 ? first === 2 || first === 3 : end - start === 65 && first === 4;
};

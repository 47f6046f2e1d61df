import { accept, reject, type Result } from '#atomic-core';

/** BRC-62, BRC-96, BRC-95. */
const MAGICS = ['0100beef', '0200beef', '01010101'];
const MAGIC_BYTES = 4;

/** A look at the first four bytes, so that nobody is asked to pay for what cannot be a BEEF. */
export function startsAsBeef(octets: Uint8Array): boolean {
  return MAGICS.includes(Buffer.from(octets.subarray(0, MAGIC_BYTES)).toString('hex'));
}

/** Hex or base64. No text is both: read as base64, a text that starts as a BEEF in hex does not start as one. */
export function decodeBeefText(text: string): Result<Uint8Array> {
  const isHex = MAGICS.includes(text.slice(0, 2 * MAGIC_BYTES).toLowerCase());
  const octets = Buffer.from(text, isHex ? 'hex' : 'base64');
  // Buffer.from skips what it cannot read; only a text that is exactly the encoding of these octets is taken.
  const again = octets.toString(isHex ? 'hex' : 'base64');
  if (again !== (isHex ? text.toLowerCase() : text)) return reject('beef-malformed', 'neither base64 nor hex');
  return startsAsBeef(octets) ? accept(octets) : reject('beef-malformed');
}

import { accept, limits, reject, type Result } from '#atomic-core';
import { startsAsBeef } from './decode-beef';

export interface SplitOctets {
  readonly beef: Uint8Array;
  readonly offChainValues?: Uint8Array;
}

const malformed = (): Result<never> => reject('beef-malformed', 'no BEEF where one is announced');

/**
 * A BEEF, or `varint length ‖ BEEF ‖ off-chain values` where these are announced. So the SDK writes it and `overlay-express` reads it. The conformance
 * vectors have it the other way round, `varint length ‖ values ‖ BEEF`; a BEEF starts with one of three words of four bytes, so which of the two is
 * meant can be told, and where both could be it is the SDK's.
 */
export function splitOffChainValues(octets: Buffer, isAnnounced: boolean): Result<SplitOctets> {
  if (!isAnnounced) return startsAsBeef(octets) ? accept({ beef: octets }) : malformed();
  const head = readLength(octets);
  if (head === undefined) return reject('request-malformed', 'the length in front of the BEEF is not well formed');
  const first = octets.subarray(head.bytes, head.bytes + head.length);
  const rest = octets.subarray(head.bytes + head.length);
  const [beef, offChainValues] = startsAsBeef(first) ? [first, rest] : [rest, first];
  if (!startsAsBeef(beef)) return malformed();
  if (offChainValues.length > limits.OFF_CHAIN_BYTES_MAX)
    return reject('request-malformed', `off-chain values are at most ${limits.OFF_CHAIN_BYTES_MAX} bytes`);
  return accept({ beef, offChainValues });
}

/** A varint in its shortest form that ends within the octets; more than these hold has no meaning, so eight-byte forms have none. */
function readLength(octets: Buffer): { readonly length: number; readonly bytes: number } | undefined {
  const [lead] = octets;
  if (lead === undefined) return undefined;
  const bytes = lead < 0xfd ? 1 : lead === 0xfd ? 3 : 5;
  if (lead === 0xff || octets.length < bytes) return undefined;
  const length = bytes === 1 ? lead : octets.readUIntLE(1, bytes - 1);
  const isShortest = bytes === 1 || length >= (bytes === 3 ? 0xfd : 0x1_0000);
  return isShortest && bytes + length <= octets.length ? { length, bytes } : undefined;
}

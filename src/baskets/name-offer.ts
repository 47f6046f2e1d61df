import { createHash } from 'node:crypto';
import type { Caller } from '../identity';
import type { RequestName } from './read-key';

const VERSION_8 = 0x80;
const VARIANT = 0x80;

/** The id of the offer that a request posts (a UUID of version 8): the same request again names the same offer, so that a retry posts none beside it. */
export function nameOffer({ organisation, identityKey }: Caller, { requestKey }: RequestName): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['offer', organisation, identityKey, requestKey]))
    .digest();
  const octets = hash.subarray(0, 16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | VERSION_8;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | VARIANT;
  const hex = octets.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

import { createHmac } from 'node:crypto';
import { Utils } from '@bsv/sdk';
import type { CurveKeys } from './curve-keys';
import { liveCurveKeys } from './open-curve-keys';

export type KeyProtocol = readonly [level: number, name: string];

const KEY_ID_CHARACTERS_MAX = 800;
const NAME_CHARACTERS_MIN = 5;
const NAME_CHARACTERS_MAX = 400;
/** A linkage names another protocol inside its own name. */
const LINKAGE = 'specific linkage revelation ';
const LINKAGE_CHARACTERS_MAX = 430;

const isProtocolName = (name: string): boolean => {
  const charactersMax = name.startsWith(LINKAGE) ? LINKAGE_CHARACTERS_MAX : NAME_CHARACTERS_MAX;
  if (name.length < NAME_CHARACTERS_MIN || name.length > charactersMax) return false;
  return /^[a-z0-9 ]+$/.test(name) && !name.includes('  ') && !name.endsWith(' protocol');
};

/** The invoice number of BRC-43. Throws for a level, a name or a key id that it does not allow. */
export function writeInvoiceNumber([level, given]: KeyProtocol, keyId: string): string {
  const name = given.toLowerCase().trim();
  if (![0, 1, 2].includes(level)) throw new RangeError('A protocol has a security level of 0, 1 or 2.');
  if (!isProtocolName(name)) throw new RangeError('That is no name of a protocol.');
  if (keyId.length < 1 || keyId.length > KEY_ID_CHARACTERS_MAX)
    throw new RangeError('A key id has 1 to 800 characters.');
  return `${level}-${name}-${keyId}`;
}

/** peers: some 2 MB. Each request derives two keys with its peer, and the multiplication is most of what they cost. */
const PEERS_REMEMBERED_MAX = 10_000;
const PRINTABLE_ASCII = /^[ -~]*$/;

/** The SDK's own UTF-8: it is its word that both sides hash, also for text that is no Unicode. Of ASCII there is but one, and that sooner. */
const octetsOf = (invoice: string): Uint8Array =>
  PRINTABLE_ASCII.test(invoice) ? Buffer.from(invoice, 'latin1') : Uint8Array.from(Utils.toArray(invoice, 'utf8'));

/** What `secret` shares with each of the peers that were met last. It is worth as much as a key of theirs or ours: it stays in here and goes with its owner. */
function shareSecrets(secret: Uint8Array, curve: CurveKeys): (peer: Uint8Array) => Uint8Array {
  const shared = new Map<string, Uint8Array>();
  return (peer) => {
    const name = Buffer.from(peer).toString('latin1');
    const point = shared.get(name) ?? curve.multiply(peer, secret);
    shared.delete(name);
    shared.set(name, point);
    for (const oldest of shared.keys()) {
      if (shared.size <= PEERS_REMEMBERED_MAX) break;
      shared.delete(oldest);
    }
    return point;
  };
}

/** The BRC-42 key pair between the holder of `secret` and `peer`: one side derives its secret, the other the same key's public half. */
export function openChildKeys(secret: Uint8Array, curve: CurveKeys = liveCurveKeys()) {
  const sharedWith = shareSecrets(secret, curve);
  const tweakOf = (peer: Uint8Array, invoice: string): Uint8Array =>
    createHmac('sha256', sharedWith(peer)).update(octetsOf(invoice)).digest();
  return {
    /** Ours. */
    deriveSecret: (peer: Uint8Array, invoice: string): Uint8Array => curve.addToSecret(secret, tweakOf(peer, invoice)),
    /** The peer's. */
    derivePeerKey: (peer: Uint8Array, invoice: string): Uint8Array => curve.addToPoint(peer, tweakOf(peer, invoice)),
  };
}

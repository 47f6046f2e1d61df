import { createHash } from 'node:crypto';
import {
  deriveOpenKey,
  isLookupName,
  isTopicName,
  readPushDrop,
  verifyOpenSignature,
  type Coin,
  type PushDrop,
  type Transaction,
  type TopicVerdict,
} from '#atomic-core';
import { isAdvertisableUri } from './is-advertisable-uri';

/** SHIP says who hosts a topic, SLAP who answers for a lookup service (BRC-88). */
export type DiscoveryProtocol = 'SHIP' | 'SLAP';

export interface Advertisement {
  /** 33 bytes, hex. */
  readonly identityKey: string;
  readonly domain: string;
  /** A topic (SHIP) or a lookup service (SLAP). */
  readonly hosted: string;
}

const FIELDS = 5;
const KEY_BYTES = 33;
/** A host that hosts as much as can be configured says so in one transaction; each costs a signature check. */
export const ADVERTISEMENTS_MAX = 160;

/** What a key is derived from that signs and locks an advertisement (BRC-42), for anyone. */
export const DISCOVERY_KEYS = {
  SHIP: { name: [2, 'service host interconnect'], keyId: '1' },
  SLAP: { name: [2, 'service lookup availability'], keyId: '1' },
} as const;
const NAMES = { SHIP: isTopicName, SLAP: isLookupName } as const;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function readText(field: Uint8Array): string | undefined {
  try {
    return UTF8.decode(field);
  } catch {
    return undefined;
  }
}

/** An output that has the form of an advertisement; its signature is not judged yet. */
function readForm(
  script: Uint8Array,
  protocol: DiscoveryProtocol,
): { readonly token: PushDrop; readonly advertisement: Advertisement } | undefined {
  const token = readPushDrop(script);
  if (token?.fields.length !== FIELDS) return undefined;
  const [word, identityKey, domain, hosted] = token.fields;
  if (!word || !identityKey || !domain || !hosted) return undefined;
  const uri = readText(domain);
  const name = readText(hosted);
  if (readText(word) !== protocol || identityKey.length !== KEY_BYTES) return undefined;
  if (uri === undefined || !isAdvertisableUri(uri)) return undefined;
  if (name === undefined || !NAMES[protocol](name)) return undefined;
  const advertisement = { identityKey: Buffer.from(identityKey).toString('hex'), domain: uri, hosted: name };
  return { token, advertisement };
}

/** The identity that is named has signed the first four fields for anyone, and locked the output with the same key: nobody advertises in another's name. */
function isLinked({ fields, lockingKey }: PushDrop, protocol: DiscoveryProtocol): boolean {
  const [signer = new Uint8Array()] = fields.slice(1, 2);
  const [signature = new Uint8Array()] = fields.slice(FIELDS - 1);
  const { name, keyId } = DISCOVERY_KEYS[protocol];
  const key = { signer, protocol: name, keyId };
  const data = Buffer.concat(fields.slice(0, FIELDS - 1));
  return verifyOpenSignature({ ...key, data, signature }) && Buffer.from(deriveOpenKey(key)).equals(lockingKey);
}

/** The advertisement in an output; undefined for every other, and for one that is not well made. */
export function readAdvertisement(script: Uint8Array, protocol: DiscoveryProtocol): Advertisement | undefined {
  const form = readForm(script, protocol);
  return form !== undefined && isLinked(form.token, protocol) ? form.advertisement : undefined;
}

/**
 * What finds an advertisement: each of host, identity and name, in every combination, and all of them. As `<name>/<identity>/<digest of the URI>` with
 * `-` for what is not asked; the prefix of the name is left out and the URI hashed, so that the longest is no longer than a key may be.
 */
export function writeLookupKey({ hosted, identityKey, domain }: Partial<Advertisement>): string {
  const digest = domain === undefined ? '-' : createHash('sha256').update(domain).digest('base64url');
  return `${hosted?.slice('tm_'.length) ?? '-'}/${identityKey ?? '-'}/${digest}`;
}

export function listLookupKeys({ hosted, identityKey, domain }: Advertisement): string[] {
  const keys: string[] = [];
  for (const byName of [{}, { hosted }])
    for (const byIdentity of [{}, { identityKey }])
      for (const byDomain of [{}, { domain }]) keys.push(writeLookupKey({ ...byName, ...byIdentity, ...byDomain }));
  return keys;
}

/** Admits what is well made and leaves all else alone, as every host of these topics does; an advertisement that is spent is withdrawn. */
export function judgeAdvertisements(
  protocol: DiscoveryProtocol,
  { outputs }: Transaction,
  coins: readonly Coin[],
): TopicVerdict {
  const forms = [...outputs.entries()].filter(([, { lockingScript }]) => readForm(lockingScript, protocol));
  if (forms.length > ADVERTISEMENTS_MAX)
    return { admitted: false, reason: `more than ${ADVERTISEMENTS_MAX} advertisements` };
  const admit = forms.flatMap(([vout, { lockingScript }]) => {
    const advertisement = readAdvertisement(lockingScript, protocol);
    return advertisement === undefined ? [] : [{ vout, lookupKeys: listLookupKeys(advertisement) }];
  });
  if (admit.length + coins.length === 0) {
    const reason = `the transaction neither makes nor withdraws a ${protocol} advertisement`;
    return { admitted: false, reason, isElsewhere: true };
  }
  const coinsToRemove = coins.map(({ inputIndex }) => inputIndex);
  return { admitted: true, admittance: { admit, coinsToRetain: [], coinsToRemove } };
}

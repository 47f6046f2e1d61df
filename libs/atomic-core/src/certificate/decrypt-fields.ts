import { SDK_VECTOR_BYTES, unseal } from '../crypto/symmetric';
import type { GatewayKeys, MessageKey } from '../identity/gateway-keys';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import type { VerifiedCertificate } from './verify-certificate';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FIELD_KEY_BYTES = 32;

type FieldKeys = Pick<GatewayKeys, 'decryptFieldKey'>;

/** The SDK encrypts the key of a field without its leading zeros. */
const padKey = (octets: Uint8Array): Uint8Array => {
  const key = new Uint8Array(FIELD_KEY_BYTES);
  key.set(octets, FIELD_KEY_BYTES - octets.length);
  return key;
};

const openFieldKey = (keys: FieldKeys, key: string, name: MessageKey): Uint8Array | undefined => {
  const opened = keys.decryptFieldKey(Buffer.from(key, 'base64'), name);
  return opened === undefined || opened.length === 0 || opened.length > FIELD_KEY_BYTES ? undefined : padKey(opened);
};

const openField = (value: string, key: Uint8Array): string | undefined => {
  const octets = unseal(Buffer.from(value, 'base64'), { key, vectorBytes: SDK_VECTOR_BYTES });
  try {
    return octets === undefined ? undefined : UTF8.decode(octets);
  } catch {
    // The certifier encrypts texts; octets that are none came from another key or another program.
    return undefined;
  }
};

export interface EncryptedFields {
  readonly peer: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly keyring: ReadonlyMap<string, string>;
  readonly keyIdOf: (name: string) => string;
}

export interface OpenedField {
  /** 32 octets. */
  readonly key: Uint8Array;
  readonly value: string;
}

/** What the keyring opens, and no others; refused where one of its keys opens nothing. */
export const openKeyring = (
  keys: FieldKeys,
  { peer, fields, keyring, keyIdOf }: EncryptedFields,
): Result<ReadonlyMap<string, OpenedField>> => {
  const opened = new Map<string, OpenedField>();
  for (const [name, sealed] of keyring) {
    const key = openFieldKey(keys, sealed, { keyId: keyIdOf(name), peer });
    const value = key && openField(fields.get(name) ?? '', key);
    if (key === undefined || value === undefined)
      return reject('certificate-undecryptable', `The key that is given for the field ${name} does not open it.`);
    opened.set(name, { key, value });
  }
  return accept(opened);
};

/** As {@link openKeyring}, the values alone. */
export const decryptKeyring = (keys: FieldKeys, given: EncryptedFields): Result<ReadonlyMap<string, string>> => {
  const opened = openKeyring(keys, given);
  return opened.ok ? accept(new Map([...opened.value].map(([name, { value }]) => [name, value]))) : opened;
};

/** The values that the rule asks for, and no others. */
export const decryptFields = (
  keys: FieldKeys,
  { certificate: { serialNumber, subject, fields }, keyring }: VerifiedCertificate,
): Result<ReadonlyMap<string, string>> =>
  decryptKeyring(keys, { peer: subject, fields, keyring, keyIdOf: (name) => `${serialNumber} ${name}` });

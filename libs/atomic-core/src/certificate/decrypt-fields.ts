import { SDK_VECTOR_BYTES, unseal } from '../crypto/symmetric';
import type { GatewayKeys } from '../identity/gateway-keys';
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

interface EncryptedField {
  readonly value: string;
  readonly key: string;
  /** What the key was encrypted for. */
  readonly keyId: string;
  readonly peer: string;
}

const decryptField = (keys: FieldKeys, { value, key, keyId, peer }: EncryptedField): string | undefined => {
  const fieldKey = keys.decryptFieldKey(Buffer.from(key, 'base64'), { keyId, peer });
  if (fieldKey === undefined || fieldKey.length === 0 || fieldKey.length > FIELD_KEY_BYTES) return undefined;
  const octets = unseal(Buffer.from(value, 'base64'), { key: padKey(fieldKey), vectorBytes: SDK_VECTOR_BYTES });
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

/** What the keyring opens, and no others; refused where one of its keys opens nothing. */
export const decryptKeyring = (
  keys: FieldKeys,
  { peer, fields, keyring, keyIdOf }: EncryptedFields,
): Result<ReadonlyMap<string, string>> => {
  const values = new Map<string, string>();
  for (const [name, key] of keyring) {
    const value = decryptField(keys, { value: fields.get(name) ?? '', key, keyId: keyIdOf(name), peer });
    if (value === undefined)
      return reject('certificate-undecryptable', `The key that is given for the field ${name} does not open it.`);
    values.set(name, value);
  }
  return accept(values);
};

/** The values that the rule asks for, and no others. */
export const decryptFields = (
  keys: FieldKeys,
  { certificate: { serialNumber, subject, fields }, keyring }: VerifiedCertificate,
): Result<ReadonlyMap<string, string>> =>
  decryptKeyring(keys, { peer: subject, fields, keyring, keyIdOf: (name) => `${serialNumber} ${name}` });

import { readBase64 } from '../identity/auth-headers';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { isNameText, isShape, readFields, readKeyring } from './read-certificate';

/** What a BRC-100 wallet asks of a certifier (`acquireCertificate` by issuance, BRC-53). Who asks is the subject: the request does not say. */
export interface SigningRequest {
  /** Base64 of 48 octets. */
  readonly clientNonce: string;
  readonly type: string;
  /** Base64 of the ciphertexts by name, in the order in which they are signed. */
  readonly fields: ReadonlyMap<string, string>;
  /** A key for each of the fields, encrypted by the subject for the certifier. */
  readonly keyring: ReadonlyMap<string, string>;
}

const MEMBERS = new Set(['clientNonce', 'type', 'fields', 'masterKeyring']);
/** 16 random octets and an HMAC. Of another length, two of them would not stand beside each other in base64 as they do in octets. */
const NONCE_BYTES = 48;

export const readSigningRequest = (given: unknown): Result<SigningRequest> => {
  if (!isShape(given)) return reject('request-malformed', 'A signing request is a JSON object.');
  if (Object.keys(given).some((name) => !MEMBERS.has(name)))
    return reject('request-malformed', 'It has a member that no signing request has; its subject is whoever sends it.');
  const { clientNonce, type } = given;
  if (typeof clientNonce !== 'string' || readBase64(clientNonce)?.length !== NONCE_BYTES)
    return reject('request-malformed', 'The nonce is not canonical base64 of 48 octets.');
  if (!isNameText(type)) return reject('request-malformed', 'The type is not canonical base64 of 32 octets.');
  const fields = readFields(given['fields']);
  if (!fields.ok) return fields;
  const keyring = readKeyring(given['masterKeyring'], fields.value);
  if (!keyring.ok) return keyring;
  if (keyring.value.size !== fields.value.size)
    return reject(
      'certificate-field-missing',
      'The keyring lacks the key of a field; the certifier signs what it can read.',
    );
  return accept({ clientNonce, type, fields: fields.value, keyring: keyring.value });
};

import { isTxid } from '../bytes';
import { readBase64 } from '../identity/auth-headers';
import { isIdentityKey } from '../identity/gateway-keys';
import {
  CERTIFICATE_BYTES_MAX,
  CERTIFICATE_FIELDS_MAX,
  CERTIFICATE_FIELD_BYTES_MAX,
  CERTIFICATE_FIELD_NAME_BYTES_MAX,
} from '../limits';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import type { Certificate, PresentedCertificate } from './certificate';

const MEMBERS = new Set([
  'type',
  'serialNumber',
  'subject',
  'certifier',
  'revocationOutpoint',
  'fields',
  'signature',
  'keyring',
]);
const NAME_BYTES = 32;
const DER_HEX_MAX = 144;
const DER = /^(?:[0-9a-f]{2})+$/;
const FIELD_NAME = /^[A-Za-z0-9]+$/;
const VOUT = /^(?:0|[1-9][0-9]{0,9})$/;
const VOUT_MAX = 0xffff_ffff;
const NO_TXID = '0'.repeat(64);
/** Octets that `SymmetricKey` of the SDK puts around a text: the vector in front, the tag behind. */
const SEAL_BYTES = 48;
/** The SDK drops leading zeros of the key of a field. */
const FIELD_KEY_BYTES_MAX = 32;
/** Named, not the machine's: what is a valid certificate must not depend on where it is read. */
const sdkOrder = new Intl.Collator('en');

export type Shape = Readonly<Record<string, unknown>>;

const malformed = (detail: string): Result<never> => reject('certificate-malformed', detail);
export const isShape = (value: unknown): value is Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Base64 of 32 octets: a type or a serial number. */
export const isNameText = (value: unknown): value is string =>
  typeof value === 'string' && readBase64(value)?.length === NAME_BYTES;

/** Which member is not as it has to be, in the order of the certificate. */
const findMemberFault = (value: Shape): string | undefined => {
  if (Object.keys(value).some((name) => !MEMBERS.has(name))) return 'It has a member that no certificate has.';
  if (!isNameText(value['type'])) return 'The type is not canonical base64 of 32 octets.';
  if (!isNameText(value['serialNumber'])) return 'The serial number is not canonical base64 of 32 octets.';
  if (!isIdentityKey(value['subject'])) return 'The subject is not a compressed public key in lower-case hex.';
  if (!isIdentityKey(value['certifier'])) return 'The certifier is not a compressed public key in lower-case hex.';
  const signature = value['signature'];
  if (typeof signature !== 'string' || signature.length > DER_HEX_MAX || !DER.test(signature))
    return 'The signature is not hex of a DER signature.';
  return undefined;
};

/** Defect E1: the SDK issues an outpoint of 64 zeros alone, signs it as output NaN and verifies it; read from its bytes it is another certificate. */
const readRevocationOutpoint = (value: unknown): Result<Certificate['revocationOutpoint']> => {
  const [txid = '', vout, ...rest] = typeof value === 'string' ? value.split('.') : [];
  if (!isTxid(txid)) return malformed('The revocation outpoint is not <txid>.<vout> with 64 lower-case hex digits.');
  if (vout === undefined)
    return malformed('The revocation outpoint lacks its output number: it is <txid>.<vout>, such as 00…00.0.');
  if (rest.length > 0 || !VOUT.test(vout) || Number(vout) > VOUT_MAX)
    return malformed('The output number of the revocation outpoint is not a decimal number of 32 bits.');
  if (txid !== NO_TXID) return accept({ txid, vout: Number(vout) });
  return vout === '0' ? accept(undefined) : malformed('An outpoint that cannot be spent is written 00…00.0.');
};

/**
 * Defect E4: the SDK signs fields in the order of `localeCompare`, others in the order of octets. Names over which the two differ have no one signed form,
 * nor have names whose order depends on the machine's language.
 */
const findNameFault = (names: readonly string[]): string | undefined => {
  if (names.length > CERTIFICATE_FIELDS_MAX) return `It has more than ${CERTIFICATE_FIELDS_MAX} fields.`;
  for (const name of names) {
    if (name.length > CERTIFICATE_FIELD_NAME_BYTES_MAX) return 'The name of a field has 50 octets or more.';
    if (!FIELD_NAME.test(name)) return 'The name of a field has other characters than ASCII letters and digits.';
  }
  const inOctets = [...names].sort();
  const inSdk = [...names].sort((a, b) => sdkOrder.compare(a, b));
  return inOctets.every((name, place) => name === inSdk[place])
    ? undefined
    : 'The names of the fields have another order by octets than by letters; upper case in the middle of a name does that.';
};

export const readFields = (value: unknown): Result<ReadonlyMap<string, string>> => {
  if (!isShape(value)) return malformed('The fields are not an object.');
  const names = Object.keys(value);
  const fault = findNameFault(names);
  if (fault !== undefined) return malformed(fault);
  const fields = new Map<string, string>();
  let sizeBytes = 0;
  for (const name of names.sort()) {
    const text = value[name];
    if (typeof text !== 'string' || text.length > 2 * CERTIFICATE_FIELD_BYTES_MAX)
      return malformed('A field is no text, or longer than a field may be.');
    const octets = readBase64(text);
    if (octets === undefined) return malformed('A field is not canonical base64.');
    if (octets.length < SEAL_BYTES) return malformed('A field is shorter than anything encrypted.');
    if (octets.length > CERTIFICATE_FIELD_BYTES_MAX)
      return malformed(`A field has more than ${CERTIFICATE_FIELD_BYTES_MAX} octets.`);
    sizeBytes += octets.length;
    fields.set(name, text);
  }
  if (sizeBytes > CERTIFICATE_BYTES_MAX) return malformed(`The fields have more than ${CERTIFICATE_BYTES_MAX} octets.`);
  return accept(fields);
};

/** Absent where nothing is disclosed. */
export const readKeyring = (
  value: unknown,
  fields: ReadonlyMap<string, string>,
): Result<ReadonlyMap<string, string>> => {
  if (value === undefined) return accept(new Map());
  if (!isShape(value)) return malformed('The keyring is not an object.');
  const keyring = new Map<string, string>();
  for (const name of Object.keys(value)) {
    if (!fields.has(name)) return malformed('The keyring names a field that the certificate does not have.');
    const text = value[name];
    if (typeof text !== 'string' || text.length > 2 * (SEAL_BYTES + FIELD_KEY_BYTES_MAX))
      return malformed('A key of the keyring is no text, or too long.');
    const sizeBytes = readBase64(text)?.length ?? 0;
    if (sizeBytes <= SEAL_BYTES || sizeBytes > SEAL_BYTES + FIELD_KEY_BYTES_MAX)
      return malformed('A key of the keyring is not canonical base64 of an encrypted key.');
    keyring.set(name, text);
  }
  return accept(keyring);
};

/** Reads a certificate and its keyring from parsed JSON. Whatever has a second spelling is refused: one certificate must not be two to a unique key. */
export const readCertificate = (value: unknown): Result<PresentedCertificate> => {
  if (!isShape(value)) return malformed('A certificate is a JSON object.');
  const fault = findMemberFault(value);
  if (fault !== undefined) return malformed(fault);
  const revocationOutpoint = readRevocationOutpoint(value['revocationOutpoint']);
  if (!revocationOutpoint.ok) return revocationOutpoint;
  const fields = readFields(value['fields']);
  if (!fields.ok) return fields;
  const keyring = readKeyring(value['keyring'], fields.value);
  if (!keyring.ok) return keyring;
  const { type, serialNumber, subject, certifier, signature } = value as Record<string, string> as Record<
    'type' | 'serialNumber' | 'subject' | 'certifier' | 'signature',
    string
  >;
  const certificate: Certificate = {
    ...{ type, serialNumber, subject, certifier, fields: fields.value },
    revocationOutpoint: revocationOutpoint.value,
    signature: Buffer.from(signature, 'hex'),
  };
  return accept({ certificate, keyring: keyring.value });
};

/** The form of the BRCs. */
export const printRevocationOutpoint = ({ revocationOutpoint }: Certificate): string =>
  revocationOutpoint === undefined ? `${NO_TXID}.0` : `${revocationOutpoint.txid}.${revocationOutpoint.vout}`;

import { timingSafeEqual } from 'node:crypto';
import { Utils } from '@bsv/sdk';
import type { GatewayKeys } from '../identity/gateway-keys';
import type { Result } from '../rejection';
import type { Certificate } from './certificate';
import { decryptKeyring } from './decrypt-fields';
import type { SigningRequest } from './read-signing-request';
import { writeSignedBytes } from './write-certificate';

const RANDOM_BYTES = 16;

/** As `createNonce` of the SDK proves that the random octets are its maker's. Undefined: the SDK's text of them names no key. */
const proveNonce = (keys: GatewayKeys, random: Uint8Array, peer: string): Buffer | undefined => {
  const keyId = Utils.toUTF8([...random]);
  return keyId === '' ? undefined : keys.makeMac(random, 'server hmac', { keyId, peer });
};

/** `random`: 16 fresh octets. Undefined for octets that no nonce can be made of; ask with others. */
export const makeServerNonce = (keys: GatewayKeys, random: Uint8Array, subject: string): string | undefined => {
  const proof = proveNonce(keys, random, subject);
  return proof && Buffer.concat([random, proof]).toString('base64');
};

/** The subject made it for this gateway: nobody else can, so no request for a certificate can be played to another certifier. */
export const isNonceOf = (keys: GatewayKeys, subject: string, nonce: string): boolean => {
  const octets = Buffer.from(nonce, 'base64');
  const given = octets.subarray(RANDOM_BYTES);
  const proof = proveNonce(keys, octets.subarray(0, RANDOM_BYTES), subject);
  return proof !== undefined && proof.length === given.length && timingSafeEqual(proof, given);
};

export interface NoncePair {
  readonly clientNonce: string;
  readonly serverNonce: string;
}

/** Both sides chose a part of it, and both can compute it: neither can bring one that it had before. */
export const makeSerialNumber = (
  keys: GatewayKeys,
  subject: string,
  { clientNonce, serverNonce }: NoncePair,
): string => {
  const octets = Buffer.from(clientNonce + serverNonce, 'base64');
  return keys
    .makeMac(octets, 'certificate issuance', { keyId: serverNonce + clientNonce, peer: subject })
    .toString('base64');
};

/** The value of every field, as the subject encrypted it for the certifier. */
export const decryptRequest = (
  keys: GatewayKeys,
  subject: string,
  { fields, keyring }: Pick<SigningRequest, 'fields' | 'keyring'>,
): Result<ReadonlyMap<string, string>> =>
  decryptKeyring(keys, { peer: subject, fields, keyring, keyIdOf: (name) => name });

export type CertificateDraft = Omit<Certificate, 'certifier' | 'signature'>;

/** One draft has one signature, however often it is signed. */
export const signCertificate = (keys: GatewayKeys, draft: CertificateDraft): Certificate => {
  const unsigned = { ...draft, certifier: keys.identityKey, signature: new Uint8Array(0) };
  const signature = keys.certify(writeSignedBytes(unsigned), `${draft.type} ${draft.serialNumber}`);
  return { ...unsigned, signature };
};

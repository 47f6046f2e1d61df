import { isIdentityKey } from '../identity/gateway-keys';
import { KEY_SUCCESSIONS_MAX } from '../limits';
import { verifyOpenSignature } from '../transition/verify-open-signature';
import { isMoment } from '../trust/read-trust-bundle';
import { writeCanonicalJson } from '../trust/write-canonical-json';
import { STATUS_KEY_ID, SUCCESSION_PROTOCOL } from './revocation-status';

/** A key of a certifier says, while it counts, which key speaks for its certificates when it has ended. */
export interface KeySuccession {
  readonly certifier: string;
  readonly successor: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly issuedAt: string;
}

/** `{succession, signature}`; the signature is DER in hex. */
export interface SignedKeySuccession {
  readonly succession: KeySuccession;
  readonly signature: string;
}

const SUCCESSION_VERSION = 1;
const DER = /^(?:[0-9a-f]{2}){8,72}$/u;

export const writeSuccessionJson = (succession: KeySuccession) => ({ version: SUCCESSION_VERSION, ...succession });

/** As it is signed: RFC 8785. */
export const writeKeySuccession = (succession: KeySuccession): Buffer =>
  Buffer.from(writeCanonicalJson(writeSuccessionJson(succession)), 'utf8');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined: it is not what `certifier` signed. */
const readSuccessor = (value: unknown, certifier: string): string | undefined => {
  const { succession, signature } = isRecord(value) ? value : {};
  if (!isRecord(succession) || typeof signature !== 'string' || !DER.test(signature)) return undefined;
  const { version, successor, issuedAt } = succession;
  if (version !== SUCCESSION_VERSION || succession['certifier'] !== certifier) return undefined;
  if (!isIdentityKey(successor) || !isMoment(issuedAt)) return undefined;
  const isSigned = verifyOpenSignature({
    data: writeKeySuccession({ certifier, successor, issuedAt }),
    signature: Buffer.from(signature, 'hex'),
    signer: Buffer.from(certifier, 'hex'),
    protocol: SUCCESSION_PROTOCOL,
    keyId: STATUS_KEY_ID,
  });
  return isSigned ? successor : undefined;
};

/** Whether `from` named `to` its successor, or one did that it named. `value` is what a stranger sent as JSON; what it says beside the way is wrong. */
export const isSuccessor = (value: unknown, { from, to }: { readonly from: string; readonly to: string }): boolean => {
  if (!Array.isArray(value) || value.length > KEY_SUCCESSIONS_MAX) return false;
  let key = from;
  for (const link of value) {
    const next = readSuccessor(link, key);
    if (next === undefined) return false;
    key = next;
  }
  return key === to;
};

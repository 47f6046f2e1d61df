import { sha256 } from '../bytes';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { verifyOpenSignature } from '../transition/verify-open-signature';
import type { Certificate, CertificateRule, PresentedCertificate } from './certificate';
import { writeCertificate, writeSignedBytes } from './write-certificate';

declare const brand: unique symbol;

/** Signed by a certifier that the rule trusts, about the caller, with everything disclosed that the rule asks for. Not yet: unrevoked, decrypted. */
export interface VerifiedCertificate {
  readonly [brand]: 'VerifiedCertificate';
  readonly certificate: Certificate;
  readonly rule: CertificateRule;
  /** Of what the rule asks for; whatever else was disclosed is dropped here. */
  readonly keyring: ReadonlyMap<string, string>;
  /** See {@link hashCertificate}. */
  readonly hash: Buffer;
}

const SIGNATURE_PROTOCOL = [2, 'certificate signature'] as const;

/** By the certifier that it names, whoever that is. Never throws. */
export const isSignedByCertifier = (certificate: Certificate): boolean =>
  verifyOpenSignature({
    data: writeSignedBytes(certificate),
    signature: certificate.signature,
    signer: Buffer.from(certificate.certifier, 'hex'),
    protocol: SIGNATURE_PROTOCOL,
    keyId: `${certificate.type} ${certificate.serialNumber}`,
  });

/** SHA-256 over the whole certificate. Its signature has one encoding, so the same certificate has one hash. */
export const hashCertificate = (certificate: Certificate): Buffer => sha256(writeCertificate(certificate));

export interface CertificateQuestion {
  /** The identity that presents it, proven by a signature of its own. */
  readonly caller: string;
  readonly rules: readonly CertificateRule[];
}

/**
 * Judges by our own rules alone: the stock middleware asks the message that brings the certificate what was asked for (defect A2). What is cheap comes
 * first; the signature, which costs a millisecond, last. Never throws (defect E3).
 */
export const verifyCertificate = (
  { certificate, keyring }: PresentedCertificate,
  { caller, rules }: CertificateQuestion,
): Result<VerifiedCertificate> => {
  const rule = rules.find(({ certifier, type }) => certifier === certificate.certifier && type === certificate.type);
  if (rule === undefined) return reject('certificate-untrusted');
  if (certificate.subject !== caller) return reject('certificate-foreign');
  if (rule.revocable && certificate.revocationOutpoint === undefined)
    return reject('certificate-untrusted', 'A certificate of this type has to be one that can be revoked.');
  const disclosed = new Map<string, string>();
  for (const name of rule.fields) {
    const key = keyring.get(name);
    if (key === undefined) return reject('certificate-field-missing', `The field ${name} is not disclosed.`);
    disclosed.set(name, key);
  }
  if (!isSignedByCertifier(certificate)) return reject('certificate-signature-invalid');
  return accept({
    certificate,
    rule,
    keyring: disclosed,
    hash: hashCertificate(certificate),
  } as unknown as VerifiedCertificate);
};

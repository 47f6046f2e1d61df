import type { GatewayKeys } from '../identity/gateway-keys';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import type { Certificate } from './certificate';
import { openKeyring } from './decrypt-fields';
import { isShape, printRevocationOutpoint, readCertificate } from './read-certificate';
import { isSignedByCertifier } from './verify-certificate';

/** A certificate about one of our own keys, as whoever obtained it keeps it: `masterKeyring` is for its subject alone. */
export interface OwnCertificate {
  readonly certificate: Certificate;
  /** By name, the key of each field: 32 octets. Whoever has one reads that field. */
  readonly fieldKeys: ReadonlyMap<string, Uint8Array>;
}

/** Reads what `MasterCertificate` of the SDK and `portcullis keys certify` print. Whose it is and whether it is signed is not judged yet. */
export const readOwnCertificate = (value: unknown): ReturnType<typeof readCertificate> => {
  if (!isShape(value)) return reject('certificate-malformed', 'A certificate is a JSON object.');
  const { masterKeyring, ...rest } = value;
  if ('keyring' in rest)
    return reject(
      'certificate-malformed',
      'It has a keyring, which is for a verifier; its subject has a masterKeyring.',
    );
  return readCertificate({ ...rest, keyring: masterKeyring });
};

/**
 * What can be shown of a certificate about this very key: signed by the certifier that it names, and every field of it opens. What a verifier would refuse is
 * found here, before anybody is shown it.
 */
export const openOwnCertificate = (
  keys: Pick<GatewayKeys, 'identityKey' | 'decryptFieldKey'>,
  { certificate, keyring }: { readonly certificate: Certificate; readonly keyring: ReadonlyMap<string, string> },
): Result<OwnCertificate> => {
  const { subject, certifier, fields } = certificate;
  if (subject !== keys.identityKey) return reject('certificate-foreign');
  if (!isSignedByCertifier(certificate)) return reject('certificate-signature-invalid');
  const missing = [...fields.keys()].find((name) => !keyring.has(name));
  if (missing !== undefined)
    return reject('certificate-undecryptable', `The master keyring has no key for the field ${missing}.`);
  const opened = openKeyring(keys, { peer: certifier, fields, keyring, keyIdOf: (name) => name });
  if (!opened.ok) return opened;
  return accept({ certificate, fieldKeys: new Map([...opened.value].map(([name, { key }]) => [name, key])) });
};

/** A certificate as a verifier reads it (BRC-103, `VerifiableCertificate` of the SDK). */
export interface ShownCertificate {
  readonly type: string;
  readonly serialNumber: string;
  readonly subject: string;
  readonly certifier: string;
  readonly revocationOutpoint: string;
  /** Ciphertexts, all of them: the signature is over them. */
  readonly fields: Readonly<Record<string, string>>;
  readonly keyring: Readonly<Record<string, string>>;
  /** Hex of DER. */
  readonly signature: string;
}

export interface CertificateShowing {
  /** Identity key that has passed `isIdentityKey`: nobody else can use the keyring. */
  readonly verifier: string;
  /** Those of the certificate are revealed, and no others. */
  readonly fields: ReadonlySet<string>;
  /** 32 fresh octets for each key. */
  readonly drawVector: () => Uint8Array;
}

/** Undefined where nothing of it is revealed: the SDK takes an empty keyring for an error, and everything that came with it. */
export const showCertificate = (
  keys: Pick<GatewayKeys, 'encryptFieldKey'>,
  { certificate, fieldKeys }: OwnCertificate,
  { verifier, fields, drawVector }: CertificateShowing,
): ShownCertificate | undefined => {
  const { type, serialNumber, subject, certifier, signature } = certificate;
  const keyring = [...fieldKeys]
    .filter(([name]) => fields.has(name))
    .map(([name, key]): [string, string] => {
      const sealed = keys.encryptFieldKey(key, drawVector(), { keyId: `${serialNumber} ${name}`, peer: verifier });
      return [name, Buffer.from(sealed).toString('base64')];
    });
  if (keyring.length === 0) return undefined;
  return {
    ...{ type, serialNumber, subject, certifier, revocationOutpoint: printRevocationOutpoint(certificate) },
    ...{ fields: Object.fromEntries(certificate.fields), keyring: Object.fromEntries(keyring) },
    signature: Buffer.from(signature).toString('hex'),
  };
};

import type { Txid } from '../bytes';

/** An identity certificate (BRC-52 in the form of BRC-103 and of `@bsv/sdk`), each member in its one spelling. */
export interface Certificate {
  /** Base64 of 32 octets, kept as text: with the serial number it names the key that the certifier signs with. */
  readonly type: string;
  readonly serialNumber: string;
  readonly subject: string;
  readonly certifier: string;
  /** Spending it revokes the certificate. Undefined: all zeros, which nobody can spend. */
  readonly revocationOutpoint: { readonly txid: Txid; readonly vout: number } | undefined;
  /** Base64 of the ciphertexts by name, in the order in which they are signed. Not an object: a field may be called `constructor`. */
  readonly fields: ReadonlyMap<string, string>;
  /** DER. */
  readonly signature: Uint8Array;
}

/** A certificate as its subject shows it to one verifier: beside it, by name, the keys of the fields that the subject discloses. */
export interface PresentedCertificate {
  readonly certificate: Certificate;
  /** Base64 of field keys, encrypted by the subject for the verifier. */
  readonly keyring: ReadonlyMap<string, string>;
}

/** What is accepted: certificates of this type by this certifier, with these fields disclosed. */
export interface CertificateRule {
  readonly certifier: string;
  readonly type: string;
  readonly fields: readonly string[];
  /** False: one that cannot be revoked is accepted too. */
  readonly revocable: boolean;
}

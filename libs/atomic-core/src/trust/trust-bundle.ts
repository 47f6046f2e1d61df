import type { CertificateRule } from '../certificate/certificate';

/** A rule as one organisation tells it to others. */
export interface BundledRule extends CertificateRule {
  /** ISO 8601 in UTC with milliseconds. */
  readonly from: string;
  /** Undefined: for as long as the bundle lasts. */
  readonly until: string | undefined;
  /** DER in hex: the certifier says itself that it certifies for this organisation. See `writeEndorsement`. */
  readonly endorsement: string;
}

/** Which certifiers of its own an organisation vouches for, as the gateway that keeps its registry signs it. */
export interface TrustBundle {
  /** Identity key of the gateway that signs. */
  readonly issuer: string;
  /** Its name at the issuer. */
  readonly organisation: string;
  /** Greater than that of every earlier bundle of this issuer and organisation. */
  readonly sequence: number;
  readonly issuedAt: string;
  /** No rule is in force longer, whatever it says itself. */
  readonly expiresAt: string;
  readonly rules: readonly BundledRule[];
}

/** `{bundle, signature}`; the signature is DER in hex. */
export interface SignedTrustBundle {
  readonly bundle: TrustBundle;
  readonly signature: string;
}

export const TRUST_BUNDLE_VERSION = 1;
/** BRC-43, with counterparty "anyone" and key id 1. */
export const BUNDLE_PROTOCOL = [2, 'portcullis trust bundle'] as const;
export const ENDORSEMENT_PROTOCOL = [2, 'portcullis certifier endorsement'] as const;
export const TRUST_KEY_ID = '1';

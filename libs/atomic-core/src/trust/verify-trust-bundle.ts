import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { verifyOpenSignature } from '../transition/verify-open-signature';
import { BUNDLE_PROTOCOL, ENDORSEMENT_PROTOCOL, TRUST_KEY_ID } from './trust-bundle';
import type { SignedTrustBundle, TrustBundle } from './trust-bundle';
import { writeEndorsement, writeTrustBundle } from './write-trust-bundle';

declare const brand: unique symbol;

/** Signed by the issuer that it names, and every certifier in it says itself that it certifies for this organisation. Not yet: pinned, new, in time. */
export interface VerifiedTrustBundle extends TrustBundle {
  readonly [brand]: 'VerifiedTrustBundle';
}

/** What a certifier says with an endorsement, and the endorsement. */
export interface EndorsementQuestion {
  readonly certifier: string;
  readonly type: string;
  readonly gateway: string;
  readonly organisation: string;
  /** DER in hex. */
  readonly endorsement: string;
}

/** Whether the certifier certifies this type for this organisation, in its own words. */
export const isEndorsed = ({ certifier, type, gateway, organisation, endorsement }: EndorsementQuestion): boolean =>
  verifyOpenSignature({
    data: writeEndorsement({ gateway, organisation, type }),
    signature: Buffer.from(endorsement, 'hex'),
    signer: Buffer.from(certifier, 'hex'),
    protocol: ENDORSEMENT_PROTOCOL,
    keyId: TRUST_KEY_ID,
  });

/**
 * The issuer's word alone would let it hand on whom it trusts itself, or claim the certifiers of somebody else. So each certifier has to have signed for whom
 * it certifies: trust goes from one organisation to the next and no further.
 */
export const verifyTrustBundle = ({ bundle, signature }: SignedTrustBundle): Result<VerifiedTrustBundle> => {
  const { issuer: gateway, organisation, rules } = bundle;
  const isSigned = verifyOpenSignature({
    data: writeTrustBundle(bundle),
    signature: Buffer.from(signature, 'hex'),
    signer: Buffer.from(gateway, 'hex'),
    protocol: BUNDLE_PROTOCOL,
    keyId: TRUST_KEY_ID,
  });
  if (!isSigned) return reject('trust-bundle-signature-invalid');
  const place = rules.findIndex((rule) => !isEndorsed({ ...rule, gateway, organisation }));
  if (place >= 0) return reject('trust-certifier-foreign', `The rule ${place} has no endorsement of its certifier.`);
  return accept(bundle as VerifiedTrustBundle);
};

import type { BundledRule, TrustBundle } from './trust-bundle';
import { TRUST_BUNDLE_VERSION } from './trust-bundle';
import { writeCanonicalJson } from './write-canonical-json';

const writeRule = ({ certifier, type, fields, revocable, from, until, endorsement }: BundledRule) => ({
  ...{ certifier, type, fields, revocable, from, endorsement },
  ...(until !== undefined && { until }),
});

/** A bundle as it is told to others. */
export const writeBundleJson = ({ issuer, organisation, sequence, issuedAt, expiresAt, rules }: TrustBundle) => ({
  ...{ version: TRUST_BUNDLE_VERSION, issuer, organisation, sequence, issuedAt, expiresAt },
  rules: rules.map(writeRule),
});

/** The octets that the issuer signs: the canonical JSON of the bundle in UTF-8. In whichever order its members arrive, these are the same. */
export const writeTrustBundle = (bundle: TrustBundle): Buffer =>
  Buffer.from(writeCanonicalJson(writeBundleJson(bundle)), 'utf8');

/** What a certifier signs to be named in the bundles of an organisation: for whom it certifies what. `gateway` keeps the registry of the organisation. */
export const writeEndorsement = ({
  gateway,
  organisation,
  type,
}: {
  readonly gateway: string;
  readonly organisation: string;
  readonly type: string;
}): Buffer => Buffer.from(writeCanonicalJson({ gateway, organisation, type }), 'utf8');

import { readBase64 } from '../identity/auth-headers';
import { isIdentityKey } from '../identity/gateway-keys';
import {
  CERTIFICATE_FIELDS_MAX,
  CERTIFICATE_FIELD_NAME_BYTES_MAX,
  TRUST_BUNDLE_DAYS_MAX,
  TRUST_BUNDLE_RULES_MAX,
} from '../limits';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { TRUST_BUNDLE_VERSION } from './trust-bundle';
import type { BundledRule, SignedTrustBundle, TrustBundle } from './trust-bundle';

const DAY_MS = 86_400_000;
const DER = /^(?:[0-9a-f]{2}){8,72}$/;
const FIELD_NAME = /^[A-Za-z0-9]+$/;
const ORGANISATION = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MOMENT = /^([1-9]\d{3})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const TYPE_BYTES = 32;
const BUNDLE_MEMBERS = ['version', 'issuer', 'organisation', 'sequence', 'issuedAt', 'expiresAt', 'rules'];
const RULE_MEMBERS = ['certifier', 'type', 'fields', 'revocable', 'from', 'until', 'endorsement'];

type Shape = Readonly<Record<string, unknown>>;

const malformed = (detail: string): Result<never> => reject('trust-bundle-malformed', detail);
const isShape = (value: unknown): value is Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hasOnly = (value: Shape, names: readonly string[]): boolean =>
  Object.keys(value).every((name) => names.includes(name));

/** Names of organisations as the configuration has them. */
export const isOrganisationName = (value: unknown): value is string =>
  typeof value === 'string' && ORGANISATION.test(value);

/** A moment in its one spelling: what is signed is text. Not every reader rolls 30 February over, so there is none. */
export const isMoment = (value: unknown): value is string => {
  const parts = typeof value === 'string' ? MOMENT.exec(value) : null;
  if (parts === null) return false;
  const [year = 0, month = 0, day = 0] = parts.slice(1).map(Number);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : DAYS[month - 1];
  return days !== undefined && day >= 1 && day <= days;
};

export const isCertificateType = (value: unknown): value is string =>
  typeof value === 'string' && readBase64(value)?.length === TYPE_BYTES;

const isFieldName = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= CERTIFICATE_FIELD_NAME_BYTES_MAX && FIELD_NAME.test(name);

/** In the order of octets and each once, so that the same fields are the same list. */
export const isFieldList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length <= CERTIFICATE_FIELDS_MAX &&
  value.every(isFieldName) &&
  value.every((name, place) => place === 0 || (value[place - 1] as string) < name);

const readRule = (value: unknown): Result<BundledRule> => {
  if (!isShape(value) || !hasOnly(value, RULE_MEMBERS))
    return malformed('A rule is no object, or has a member that no rule has.');
  const { certifier, type, fields, revocable, from, until, endorsement } = value;
  if (!isIdentityKey(certifier)) return malformed('A certifier is not a compressed public key in lower-case hex.');
  if (!isCertificateType(type)) return malformed('A type is not canonical base64 of 32 octets.');
  if (!isFieldList(fields)) return malformed('The fields of a rule are not names in the order of octets, each once.');
  if (typeof revocable !== 'boolean') return malformed('A rule does not say whether its certificates are revocable.');
  if (!isMoment(from) || (until !== undefined && !isMoment(until)))
    return malformed('A rule begins or ends at no moment as it is written here.');
  if (typeof endorsement !== 'string' || !DER.test(endorsement))
    return malformed('An endorsement is not hex of a DER signature.');
  return accept({ certifier, type, fields: [...fields], revocable, from, until, endorsement });
};

/** Moments have one spelling, whose order is that of time. */
const areTogether = (one: BundledRule, other: BundledRule): boolean =>
  (other.until === undefined || one.from < other.until) && (one.until === undefined || other.from < one.until);

/**
 * At each moment one rule for a type of a certifier, and one list of fields for a type: BRC-103 asks for fields by type alone. A rule that ends and the one
 * that comes after it are both in a bundle.
 */
const findRuleFault = (rules: readonly BundledRule[]): string | undefined => {
  const rulesOf = new Map<string, BundledRule[]>();
  for (const rule of rules) {
    const others = rulesOf.get(rule.type) ?? [];
    for (const other of others.filter((each) => areTogether(rule, each))) {
      if (other.certifier === rule.certifier) return 'A type of one certifier is listed twice for one time.';
      if (other.fields.join(' ') !== rule.fields.join(' '))
        return 'A type has other fields in one rule than in another.';
    }
    rulesOf.set(rule.type, [...others, rule]);
  }
  return undefined;
};

const readRules = (value: unknown): Result<readonly BundledRule[]> => {
  if (!Array.isArray(value)) return malformed('The rules are not a list.');
  if (value.length > TRUST_BUNDLE_RULES_MAX) return malformed(`It has more than ${TRUST_BUNDLE_RULES_MAX} rules.`);
  const rules: BundledRule[] = [];
  for (const one of value) {
    const rule = readRule(one);
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  const fault = findRuleFault(rules);
  return fault === undefined ? accept(rules) : malformed(fault);
};

const readBundle = (value: unknown): Result<TrustBundle> => {
  if (!isShape(value) || !hasOnly(value, BUNDLE_MEMBERS))
    return malformed('The bundle is no object, or has a member that no bundle has.');
  const { version, issuer, organisation, sequence, issuedAt, expiresAt } = value;
  if (version !== TRUST_BUNDLE_VERSION) return malformed('The version of the bundle is not known here.');
  if (!isIdentityKey(issuer)) return malformed('The issuer is not a compressed public key in lower-case hex.');
  if (!isOrganisationName(organisation)) return malformed('The organisation is not a name that organisations have.');
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1)
    return malformed('The sequence number is not a positive whole number.');
  if (!isMoment(issuedAt) || !isMoment(expiresAt)) return malformed('It was issued or expires at no moment.');
  const lifeMs = Date.parse(expiresAt) - Date.parse(issuedAt);
  if (lifeMs <= 0 || lifeMs > TRUST_BUNDLE_DAYS_MAX * DAY_MS)
    return malformed(`It does not last between a moment and ${TRUST_BUNDLE_DAYS_MAX} days.`);
  const rules = readRules(value['rules']);
  return rules.ok ? accept({ issuer, organisation, sequence, issuedAt, expiresAt, rules: rules.value }) : rules;
};

/** Reads `{bundle, signature}` from parsed JSON. Whatever it may not hold is refused: what nobody signed must not look as if somebody had. */
export const readTrustBundle = (value: unknown): Result<SignedTrustBundle> => {
  if (!isShape(value) || !hasOnly(value, ['bundle', 'signature']))
    return malformed('It is not an object of a bundle and its signature.');
  const { signature } = value;
  if (typeof signature !== 'string' || !DER.test(signature))
    return malformed('The signature is not hex of a DER signature.');
  const bundle = readBundle(value['bundle']);
  return bundle.ok ? accept({ bundle: bundle.value, signature }) : bundle;
};

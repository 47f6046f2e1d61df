const PERSON = 'person:';
const MACHINE = 'machine:';

/** How somebody is known: by a key that signs each request; as an account of the identity provider; by a certificate on the connection. */
export type PrincipalKind = 'identity' | 'person' | 'machine';

/**
 * How somebody without a key is called wherever a key would stand: in decisions, in the audit, in the log. An issuer has no fragment (OpenID Connect Core,
 * section 2), so no two accounts have one name; and no key is one, since a key is hexadecimal.
 */
export const namePerson = (issuer: string, subject: string): string => `${PERSON}${issuer}#${subject}`;

/** By what the configuration calls the certificate. */
export const nameMachine = (name: string): string => `${MACHINE}${name}`;

export const kindOf = (name: string): PrincipalKind => {
  if (name.startsWith(PERSON)) return 'person';
  return name.startsWith(MACHINE) ? 'machine' : 'identity';
};

/** The name without its kind: `<issuer>#<subject>`, the name of a machine, a key. */
export const idOf = (name: string): string => {
  const kind = kindOf(name);
  return kind === 'identity' ? name : name.slice((kind === 'person' ? PERSON : MACHINE).length);
};

import type { Config, Role } from '../config';

type Grants = Config['oidcRoles'];

/** values: more than any directory gives one account that is well kept; the rest is not looked at. */
const VALUES_MAX = 1_000;
const PATH_PARTS_MAX = 8;

export interface Membership {
  readonly organisation: string;
  readonly roles: readonly Role[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ownOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** The claim of this very name; or along its dots. Text or a list of texts: anything else says nothing. */
export const readClaim = (claims: object, name: string): readonly string[] => {
  const direct = ownOf(claims, name);
  let found: unknown = direct;
  if (direct === undefined) {
    found = claims;
    for (const part of name.split('.', PATH_PARTS_MAX)) found = ownOf(found, part);
  }
  const values = Array.isArray(found) ? found.slice(0, VALUES_MAX) : [found];
  return values.filter((value): value is string => typeof value === 'string');
};

/** Those that the configuration knows: of the others nothing is kept. */
export const keepKnown = (values: readonly string[], grants: Grants): readonly string[] => [
  ...new Set(values.filter((value) => Object.hasOwn(grants, value))),
];

/**
 * What they give by the configuration of today. Undefined where they give nothing; and where they lead to two organisations, since nobody said for which of
 * them this person acts.
 */
export const joinGrants = (values: readonly string[], grants: Grants): Membership | undefined => {
  const given = keepKnown(values, grants).flatMap((value) => grants[value] ?? []);
  const [first] = given;
  if (first === undefined || given.some(({ organisation }) => organisation !== first.organisation)) return undefined;
  return { organisation: first.organisation, roles: [...new Set(given.flatMap(({ roles }) => roles))].sort() };
};

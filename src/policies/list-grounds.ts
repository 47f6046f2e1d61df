import type { Policy, PolicyVerdict } from './engine/policy';

export interface Grounds {
  /** As the configuration calls them. */
  readonly certificates: ReadonlySet<string>;
  readonly revocationMaxAgeMs: number | undefined;
}

/**
 * What a permission rests on. One permit suffices, so where one of those that hold looks at no certificate the others ask for nothing; a forbid that looks at
 * certificates may not have held because of them, so it always does.
 */
export const listGrounds = ({ policies }: PolicyVerdict, applicable: readonly Policy[]): Grounds => {
  const isBare = policies.some(({ certificates }) => certificates.length === 0);
  const forbids = applicable.filter(({ effect }) => effect === 'forbid');
  const looking = [...(isBare ? [] : policies), ...forbids].filter(({ certificates }) => certificates.length > 0);
  const ages = looking.flatMap(({ revocationMaxAgeMs: age }) => (age === undefined ? [] : [age]));
  return {
    certificates: new Set(looking.flatMap(({ certificates }) => certificates)),
    revocationMaxAgeMs: ages.length === 0 ? undefined : Math.min(...ages),
  };
};

import type { Reliance } from '#ledger';

/** That something is permitted, by what, and what that rests on. */
export interface PolicyGrant {
  /** SHA-256 of the policies, hex. */
  readonly policyVersion: string;
  /** Ids of those that decided, sorted. */
  readonly policies: readonly string[];
  /** Certificates without which it would not be permitted, for the COMMIT to ask about once more. */
  readonly reliesOn: readonly Reliance[];
}

const hashOf = ({ certificateHash }: Reliance): string => Buffer.from(certificateHash).toString('hex');

const pickStricter = (one: Reliance, other: Reliance): Reliance => ({
  ...one,
  goodSince: (one.goodSince?.getTime() ?? 0) > (other.goodSince?.getTime() ?? 0) ? one.goodSince : other.goodSince,
  mayBeUnknown: one.mayBeUnknown && other.mayBeUnknown,
});

/** What has to be permitted in each of its parts: it rests on all that they rest on, each as strictly as the strictest asks. */
export const joinGrants = (grants: readonly [PolicyGrant, ...PolicyGrant[]]): PolicyGrant => {
  const relied = new Map<string, Reliance>();
  for (const one of grants.flatMap(({ reliesOn }) => reliesOn)) {
    const other = relied.get(hashOf(one));
    relied.set(hashOf(one), other === undefined ? one : pickStricter(one, other));
  }
  return {
    policyVersion: grants[0].policyVersion,
    policies: [...new Set(grants.flatMap(({ policies }) => policies))].sort(),
    reliesOn: [...relied.values()],
  };
};

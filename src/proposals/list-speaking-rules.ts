import type { TrustRule } from '#ledger';

type Sourced = Pick<TrustRule, 'source'>;

/**
 * The rules of a registry by which somebody from outside may speak for an organisation. Names alone are no organisations: that of a tenant is the
 * configuration's to give, and one that two gateways use is two organisations.
 */
export const listSpeakingRules = <Rule extends Sourced>(
  rules: readonly Rule[],
  organisations: Readonly<Record<string, unknown>>,
): readonly Rule[] => {
  const gateways = new Map<string, Set<string>>();
  for (const { source } of rules) {
    if (source === undefined) continue;
    gateways.set(source.organisation, (gateways.get(source.organisation) ?? new Set()).add(source.gateway));
  }
  return rules.filter(
    ({ source }) =>
      source !== undefined &&
      !Object.hasOwn(organisations, source.organisation) &&
      gateways.get(source.organisation)?.size === 1,
  );
};

import type { Config } from './config';

/** The organisation that runs this gateway: the one that is named, or the only one. */
export const findOperator = ({
  operator,
  organisations,
}: Pick<Config, 'operator' | 'organisations'>): string | undefined => {
  const [only, ...others] = Object.keys(organisations);
  return operator ?? (others.length === 0 ? only : undefined);
};

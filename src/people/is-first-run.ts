import type { Config } from '../config';

/** Nobody is named who could operate this gateway: no member with a key, no provider that people log in with, no machine with a certificate. */
export const isFirstRun = ({
  organisations,
  oidcIssuer,
  tlsClients,
}: Pick<Config, 'organisations' | 'oidcIssuer' | 'tlsClients'>): boolean =>
  oidcIssuer === undefined &&
  tlsClients.length === 0 &&
  Object.values(organisations).every((members) => members.length === 0);

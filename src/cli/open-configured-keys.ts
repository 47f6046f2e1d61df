import type { HttpClient } from '#ports';
import type { Config } from '../config';
import { buildEgressPolicy, listConfiguredUrls, PinnedHttpClient } from '../egress';
import { openKeyRing, type KeyRing } from '../keys';

/** The way out that the configuration allows, for a command that runs without the application. */
export const openConfiguredHttp = (config: Config): HttpClient =>
  new PinnedHttpClient(buildEgressPolicy(listConfiguredUrls(config), config.egressPrivateHosts));

export const openConfiguredKeys = (config: Config): Promise<KeyRing> => openKeyRing(config, openConfiguredHttp(config));

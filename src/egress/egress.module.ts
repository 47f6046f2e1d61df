import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config';
import type { Config } from '../config';
import { buildEgressPolicy } from './egress-policy';
import { PinnedHttpClient } from './pinned-http-client';

/** Token of the one HttpClient. */
export const HTTP_CLIENT = Symbol('HTTP_CLIENT');

const vaultUrlOf = ({ keyStore }: Config): string | undefined =>
  keyStore?.kind === 'vault' ? keyStore.url : undefined;

/** Every URL that the configuration lets this process call. */
export const listConfiguredUrls = (config: Config): string[] =>
  [
    ...[config.devnetUrl, config.arcUrl, config.overlayWalletUrl, config.oidcIssuer, vaultUrlOf(config)],
    ...config.oidcOrigins,
    ...[...config.headerSources, ...config.revocationSources].map(({ url }) => url),
    ...Object.values(config.gaspPeers).flat(),
  ].filter((url) => url !== undefined);

@Global()
@Module({
  providers: [
    {
      provide: HTTP_CLIENT,
      inject: [CONFIG],
      useFactory: (config: Config) =>
        new PinnedHttpClient(buildEgressPolicy(listConfiguredUrls(config), config.egressPrivateHosts)),
    },
  ],
  exports: [HTTP_CLIENT],
})
export class EgressModule {}

import type { FactoryProvider } from '@nestjs/common';
import { type GatewayKeys, openGatewayKeys } from '#atomic-core';
import { CONFIG, type Config } from '../config';

/** Token of the gateway's own keys: the identity that callers authenticate against and pay. */
export const GATEWAY_KEYS = Symbol('GATEWAY_KEYS');

export const gatewayKeysProvider: FactoryProvider<GatewayKeys> = {
  provide: GATEWAY_KEYS,
  inject: [CONFIG],
  useFactory: (config: Config) => openGatewayKeys(config.identityKey.reveal()),
};

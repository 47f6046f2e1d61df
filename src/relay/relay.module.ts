import { Module } from '@nestjs/common';
import type { HttpClient } from '#ports';
import { createArcBroadcaster } from '../broadcast/arc';
import { CHAIN_TRACKER, ChainModule } from '../chain';
import { arcUrlOf, CONFIG } from '../config';
import type { Config } from '../config';
import { NotificationListener } from '../database';
import { EgressModule, HTTP_CLIENT } from '../egress';
import { KeyRing, KeysModule } from '../keys';
import { CallbacksController } from './callbacks.controller';
import { RELAY_OPTIONS, readRelayOptions } from './relay-options';
import { RelayProbe } from './relay.probe';
import { BROADCASTER, RelayService } from './relay.service';

/** A development network is called back on loopback; a real ARC refuses loopback URLs, so without a public URL there is polling alone. */
const callbackOf = (config: Config, ring: KeyRing): { url: string; token: string } | undefined => {
  const local = config.network === 'devnet' && config.role === 'all' && config.port !== 0;
  const origin = config.publicUrl ?? (local ? `http://127.0.0.1:${config.port}` : undefined);
  return origin === undefined
    ? undefined
    : { url: `${origin}/callbacks/arc`, token: config.callbackToken?.reveal() ?? ring.callbackToken };
};

const createBroadcaster = (http: HttpClient, config: Config, ring: KeyRing): ReturnType<typeof createArcBroadcaster> =>
  createArcBroadcaster(http, {
    url: arcUrlOf(config),
    apiKey: config.arcApiKey?.reveal(),
    callback: callbackOf(config, ring),
  });

/** Works off the outbox. For the roles relay and all. */
@Module({
  imports: [EgressModule, ChainModule, KeysModule],
  providers: [
    { provide: BROADCASTER, inject: [HTTP_CLIENT, CONFIG, KeyRing], useFactory: createBroadcaster },
    { provide: RELAY_OPTIONS, inject: [CONFIG, CHAIN_TRACKER, NotificationListener], useFactory: readRelayOptions },
    RelayService,
    RelayProbe,
  ],
})
export class RelayModule {}

/** Takes the broadcaster's callbacks. For the roles api and all. */
@Module({ imports: [KeysModule], controllers: [CallbacksController] })
export class CallbacksModule {}

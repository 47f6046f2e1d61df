import { Module } from '@nestjs/common';
import type { HttpClient } from '#ports';
import { CONFIG, type Config } from '../config';
import { EgressModule, HTTP_CLIENT } from '../egress';
import { Log } from '../telemetry';
import { KeyRing } from './key-ring';
import { openKeyRing } from './open-key-ring';

const printTime = (timeMs: number | undefined): string | null =>
  timeMs === undefined ? null : new Date(timeMs).toISOString();

/** The gateway's own keys: the identity that callers authenticate against and pay. */
@Module({
  imports: [EgressModule],
  providers: [
    {
      provide: KeyRing,
      inject: [CONFIG, HTTP_CLIENT, Log],
      useFactory: async (config: Config, http: HttpClient, log: Log) => {
        const ring = await openKeyRing(config, http);
        const terms = ring.listTerms().map(({ identityKey, fromMs, untilMs }) => ({
          ...{ identityKey, from: printTime(fromMs), until: printTime(untilMs) },
        }));
        log.write('info', 'the keys of the gateway are open', { identityKey: ring.identityKey, keys: terms });
        return ring;
      },
    },
  ],
  exports: [KeyRing],
})
export class KeysModule {}

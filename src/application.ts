import { type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';
import type { Config } from './config';
import { HealthService } from './health';
import { registerIdentity } from './identity';
import {
  Door,
  type DoorLimits,
  GatewayAdapter,
  ProblemFilter,
  RequestWatcher,
  doorLimitsOf,
  limitAnonymous,
  limitIdentities,
} from './ingress';
import { letBrowsersIn } from './overlay';
import { ClientCertificates, Logins, PersonSessions } from './people';
import { registerPolicies } from './policies';
import { RateSharing } from './rates';
import { Log, Metrics } from './telemetry';

/** The whole gateway, ready for `listen`. `close()` drains it: nothing in flight is cut off within the configured time. */
export async function createApplication(config: Config): Promise<NestFastifyApplication> {
  const { app, door } = await putBehindDoor(AppModule.forRole(config), config);
  if (config.role !== 'relay') {
    registerIdentity(app, [app.get(PersonSessions), app.get(ClientCertificates)]);
    const limits = doorLimitsOf(config);
    const rates = app.get(RateSharing);
    rates.add('address', door.addresses);
    rates.add('anonymous', limitAnonymous(door.fastify, config.overlayRequestsPerMinute, limits.rateKeysMax));
    rates.add('logins', app.get(Logins).returns);
    letBrowsersIn(door.fastify, [...config.overlayOpen, ...config.overlayPaid]);
    rates.add('identity', limitIdentities(door.fastify, limits));
    registerPolicies(app);
  }
  return app;
}

/** Any module behind the real door, filter and watcher; the tests of the door use it with a module of their own. */
export async function putBehindDoor(
  module: DynamicModule,
  config: Config,
  limits: DoorLimits = doorLimitsOf(config),
): Promise<{ app: NestFastifyApplication; door: Door }> {
  const door = new Door(config, limits);
  const app = await NestFactory.create<NestFastifyApplication>(module, new GatewayAdapter(door), {
    bodyParser: false,
    // From the start: what fails before the application holds its own log must not be told by Nest's coloured one.
    logger: new Log({ level: config.logLevel }),
    bufferLogs: true,
    abortOnError: false,
  });
  const log = app.get(Log);
  app.useLogger(log);
  const watcher = new RequestWatcher(log, app.get(Metrics));
  door.watcher = watcher;
  door.onDrain = () => {
    app.get(HealthService).markStopping();
  };
  app.useGlobalFilters(new ProblemFilter(door.routes, watcher.reportFault));
  return { app, door };
}

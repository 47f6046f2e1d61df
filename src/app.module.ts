import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ChainModule } from './chain';
import { type Config, ConfigModule } from './config';
import { DatabaseModule } from './database';
import { DatabaseProbe, HealthModule } from './health';
import { IdentityModule } from './identity';
import { LookupModule } from './lookup';
import { OpenApiModule } from './openapi';
import { PaymentsModule } from './payments';
import { CallbacksModule, RelayModule } from './relay';
import { SubmissionsModule } from './submissions';
import { TelemetryModule } from './telemetry';
import { VerificationsModule } from './verifications';

type ModuleList = (DynamicModule | Type)[];

const everyRole = (config: Config): ModuleList => [
  ConfigModule.with(config),
  TelemetryModule,
  DatabaseModule,
  HealthModule,
  ChainModule,
];
const api: ModuleList = [
  IdentityModule,
  PaymentsModule,
  SubmissionsModule,
  VerificationsModule,
  LookupModule,
  CallbacksModule,
  OpenApiModule,
];
const relay: ModuleList = [RelayModule];

const ofRole: Readonly<Record<Config['role'], ModuleList>> = { api, relay, all: [...api, ...relay] };

/** The list of modules, nothing else. */
@Module({})
export class AppModule {
  static forRole(config: Config): DynamicModule {
    return { module: AppModule, providers: [DatabaseProbe], imports: [...everyRole(config), ...ofRole[config.role]] };
  }
}

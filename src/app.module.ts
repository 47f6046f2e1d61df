import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { type Config, ConfigModule } from './config';
import { HealthModule } from './health';
import { TelemetryModule } from './telemetry';

type ModuleList = (DynamicModule | Type)[];

const everyRole = (config: Config): ModuleList => [ConfigModule.with(config), TelemetryModule, HealthModule];

/** The list of modules, nothing else. */
@Module({})
export class AppModule {
  static forRole(config: Config): DynamicModule {
    return { module: AppModule, imports: everyRole(config) };
  }
}

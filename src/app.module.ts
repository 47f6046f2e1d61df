import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { AccountsModule } from './accounts';
import { BasketsModule } from './baskets';
import { CertificatesModule } from './certificates';
import { CertifierModule } from './certifier';
import { ChainModule } from './chain';
import { type Config, ConfigModule } from './config';
import { DatabaseModule } from './database';
import { DiscoveryModule } from './discovery';
import { GaspModule, GaspSyncModule } from './gasp';
import { DatabaseProbe, HealthModule } from './health';
import { IdentityModule } from './identity';
import { LookupModule } from './lookup';
import { OpenApiModule } from './openapi';
import { OverlayModule } from './overlay';
import { PaymentsModule } from './payments';
import { PeopleModule } from './people';
import { PlansModule } from './plans';
import { PoliciesModule } from './policies';
import { ProposalsModule } from './proposals';
import { RatesModule } from './rates';
import { CallbacksModule, RelayModule } from './relay';
import { RevocationMonitorModule } from './revocation';
import { SubmissionsModule } from './submissions';
import { TelemetryModule } from './telemetry';
import { TopicEventsModule, WebhookDeliveryModule } from './topic-events';
import { TreasuryModule } from './treasury';
import { TrustModule } from './trust';
import { VerificationsModule } from './verifications';

type ModuleList = (DynamicModule | Type)[];

const everyRole = (config: Config): ModuleList => [
  ConfigModule.with(config),
  TelemetryModule,
  DatabaseModule,
  HealthModule,
  ChainModule,
];
/** Whoever certifies nobody has no routes for it. */
const api = ({ certifier }: Config): ModuleList => [
  RatesModule,
  IdentityModule,
  CertificatesModule,
  PoliciesModule,
  PeopleModule,
  TrustModule,
  PlansModule,
  PaymentsModule,
  AccountsModule,
  SubmissionsModule,
  TreasuryModule,
  ProposalsModule,
  VerificationsModule,
  LookupModule,
  TopicEventsModule,
  BasketsModule,
  OverlayModule,
  GaspModule,
  CallbacksModule,
  OpenApiModule,
  ...(certifier === undefined ? [] : [CertifierModule]),
];
/** Whoever follows nobody and advertises nothing needs no workers for it. */
const relay = ({ gaspPeers, overlayDiscovery }: Config): ModuleList => [
  RelayModule,
  WebhookDeliveryModule,
  RevocationMonitorModule,
  ...(Object.keys(gaspPeers).length === 0 ? [] : [GaspSyncModule]),
  ...(overlayDiscovery === 'advertise' ? [DiscoveryModule] : []),
];

const ofRole: Readonly<Record<Config['role'], (config: Config) => ModuleList>> = {
  api,
  relay,
  all: (config) => [...api(config), ...relay(config)],
};

/** The list of modules, nothing else. */
@Module({})
export class AppModule {
  static forRole(config: Config): DynamicModule {
    return {
      module: AppModule,
      providers: [DatabaseProbe],
      imports: [...everyRole(config), ...ofRole[config.role](config)],
    };
  }
}

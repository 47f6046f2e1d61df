import { Module } from '@nestjs/common';
import { EgressModule } from '../egress';
import { KeysModule } from '../keys';
import { OverlayModule } from '../overlay';
import { TransitionsModule } from '../submissions';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { GaspParts, GaspSyncRunner } from './gasp-sync.runner';
import { GaspController } from './gasp.controller';
import { GaspHost } from './gasp-host.service';

/** What other hosts fetch from here. For the roles api and all. */
@Module({ imports: [OverlayModule, TopicsModule], controllers: [GaspController], providers: [GaspHost] })
export class GaspModule {}

/** What is fetched from other hosts. For the roles relay and all. */
@Module({
  imports: [EgressModule, KeysModule, TopicsModule, TransitionsModule, VerificationModule],
  providers: [GaspParts, GaspSyncRunner],
})
export class GaspSyncModule {}

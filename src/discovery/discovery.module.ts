import { Module } from '@nestjs/common';
import { EgressModule } from '../egress';
import { KeysModule } from '../keys';
import { TransitionsModule } from '../submissions';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { DiscoveryParts, DiscoveryRunner } from './discovery.runner';

/** Says on the chain what this gateway hosts. For the roles relay and all, where `overlayDiscovery` is `advertise`. */
@Module({
  imports: [EgressModule, KeysModule, TopicsModule, TransitionsModule, VerificationModule],
  providers: [DiscoveryParts, DiscoveryRunner],
})
export class DiscoveryModule {}

import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { TopicsModule } from '../topics';
import { LookupFeedsProbe } from './feed/lookup-feeds.probe';
import { LookupFeeds } from './feed/lookup-feeds.service';
import { LookupController } from './lookup.controller';
import { LookupService } from './lookup.service';

@Module({
  imports: [IdentityModule, TopicsModule],
  controllers: [LookupController],
  providers: [LookupFeeds, LookupFeedsProbe, LookupService],
  exports: [LookupService],
})
export class LookupModule {}

import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { BundlesController } from './bundles.controller';
import { BundlesService } from './bundles.service';
import { TrustController } from './trust.controller';
import { TrustService } from './trust.service';

/** Whom an organisation trusts to certify what, and what it tells others of its own certifiers. */
@Module({
  imports: [IdentityModule],
  controllers: [TrustController, BundlesController],
  providers: [TrustService, BundlesService],
})
export class TrustModule {}

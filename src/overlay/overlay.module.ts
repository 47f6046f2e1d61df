import { Module } from '@nestjs/common';
import { HealthModule } from '../health';
import { IdentityModule } from '../identity';
import { LookupModule } from '../lookup';
import { PaymentsModule } from '../payments';
import { PoliciesModule } from '../policies';
import { SubmissionsModule } from '../submissions';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { OverlayAccess } from './overlay-access';
import { OverlayDirectoryController } from './overlay-directory.controller';
import { OverlayHealthController } from './overlay-health.controller';
import { OverlayLookupsController } from './overlay-lookups.controller';
import { OverlaySubmissionsController } from './overlay-submissions.controller';
import { OverlaySubmissions } from './overlay-submissions.service';

/** The overlay HTTP API as `overlay-express` speaks it. */
@Module({
  imports: [
    HealthModule,
    IdentityModule,
    LookupModule,
    PaymentsModule,
    PoliciesModule,
    SubmissionsModule,
    TopicsModule,
    VerificationModule,
  ],
  controllers: [
    OverlaySubmissionsController,
    OverlayLookupsController,
    OverlayDirectoryController,
    OverlayHealthController,
  ],
  providers: [OverlayAccess, OverlaySubmissions],
  exports: [OverlayAccess],
})
export class OverlayModule {}

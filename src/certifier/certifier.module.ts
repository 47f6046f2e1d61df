import { Module } from '@nestjs/common';
import { DisclosuresModule } from '../certificates';
import { EgressModule } from '../egress';
import { IdentityModule } from '../identity';
import { TransitionsModule } from '../submissions';
import { VerificationModule } from '../verification';
import { CertificationsController } from './certifications.controller';
import { DecisionsService } from './decisions.service';
import { IssuanceService } from './issuance.service';
import { KeySuccessionsRunner } from './key-successions.runner';
import { RevocationOutpoints } from './revocation-outpoints.service';
import { SigningController } from './signing.controller';
import { SigningRequests } from './signing-requests.service';
import { StatusController } from './status.controller';
import { StatusesService } from './statuses.service';

/** Certificates that this gateway issues for its operator's organisation. For the roles api and all, where `certifier` is set. */
@Module({
  imports: [DisclosuresModule, EgressModule, IdentityModule, TransitionsModule, VerificationModule],
  controllers: [SigningController, CertificationsController, StatusController],
  providers: [
    DecisionsService,
    IssuanceService,
    KeySuccessionsRunner,
    RevocationOutpoints,
    SigningRequests,
    StatusesService,
  ],
})
export class CertifierModule {}

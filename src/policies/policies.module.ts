import { Module } from '@nestjs/common';
import { DisclosuresModule } from '../certificates';
import { IdentityModule } from '../identity';
import { RevocationModule } from '../revocation';
import { ExplanationsService } from './explanations.service';
import { HeldCertificates } from './held-certificates.service';
import { PoliciesController } from './policies.controller';
import { PoliciesProbe } from './policies.probe';
import { PolicyDecisions } from './policy-decisions.service';

/** Who may do what. `registerPolicies` puts it in front of the routes; whoever submits to topics asks for each of them. */
@Module({
  imports: [DisclosuresModule, IdentityModule, RevocationModule],
  controllers: [PoliciesController],
  providers: [ExplanationsService, HeldCertificates, PoliciesProbe, PolicyDecisions],
  exports: [PolicyDecisions],
})
export class PoliciesModule {}

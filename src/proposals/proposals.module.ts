import { Module } from '@nestjs/common';
import { DisclosuresModule } from '../certificates';
import { IdentityModule } from '../identity';
import { PaymentsModule } from '../payments';
import { PoliciesModule } from '../policies';
import { RevocationModule } from '../revocation';
import { TransitionsModule } from '../submissions';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { Agreements } from './agreements.service';
import { ApprovalsService } from './approvals.service';
import { ProposalExpiryRunner } from './proposal-expiry.runner';
import { ProposalPayments } from './proposal-payments.service';
import { ProposalSubmissions } from './proposal-submissions.service';
import { ProposalsController } from './proposals.controller';
import { ProposingService } from './proposing.service';
import { Standings } from './standings.service';

/** Transactions that several organisations agree to before they are submitted. */
@Module({
  imports: [
    DisclosuresModule,
    IdentityModule,
    PaymentsModule,
    PoliciesModule,
    RevocationModule,
    TopicsModule,
    TransitionsModule,
    VerificationModule,
  ],
  controllers: [ProposalsController],
  providers: [
    Agreements,
    ApprovalsService,
    ProposalExpiryRunner,
    ProposalPayments,
    ProposalSubmissions,
    ProposingService,
    Standings,
  ],
})
export class ProposalsModule {}

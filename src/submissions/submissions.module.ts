import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { IdentityModule } from '../identity';
import { PaymentsModule } from '../payments';
import { PoliciesModule } from '../policies';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { BatchVerification } from './batch-verification.service';
import { BatchesController } from './batches.controller';
import { BatchesService } from './batches.service';
import { GroupCommits } from './group-commits.service';
import { SubmissionReads } from './submission-reads.service';
import { SubmissionsController } from './submissions.controller';
import { SubmissionsService } from './submissions.service';
import { TransitionsModule } from './transitions.module';

@Module({
  imports: [
    AuditModule,
    IdentityModule,
    PaymentsModule,
    PoliciesModule,
    TopicsModule,
    TransitionsModule,
    VerificationModule,
  ],
  controllers: [SubmissionsController, BatchesController],
  providers: [SubmissionsService, SubmissionReads, BatchesService, BatchVerification, GroupCommits],
  exports: [TransitionsModule],
})
export class SubmissionsModule {}

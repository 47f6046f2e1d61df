import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { IdentityModule } from '../identity';
import { PaymentsModule } from '../payments';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { SubmissionReads } from './submission-reads.service';
import { SubmissionsController } from './submissions.controller';
import { SubmissionsService } from './submissions.service';

@Module({
  imports: [AuditModule, IdentityModule, PaymentsModule, TopicsModule, VerificationModule],
  controllers: [SubmissionsController],
  providers: [SubmissionsService, SubmissionReads],
})
export class SubmissionsModule {}

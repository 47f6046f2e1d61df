import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { PoliciesModule } from '../policies';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { VerificationsController } from './verifications.controller';
import { VerificationsService } from './verifications.service';

/** What would be accepted and why not, without changing anything. */
@Module({
  imports: [IdentityModule, PoliciesModule, TopicsModule, VerificationModule],
  controllers: [VerificationsController],
  providers: [VerificationsService],
})
export class VerificationsModule {}

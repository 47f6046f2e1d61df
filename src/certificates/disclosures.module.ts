import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { CertificatePolicy } from './certificate-policy';
import { DisclosuresService } from './disclosures.service';
import { SubjectKeys } from './subject-keys.service';

/** What was disclosed and which certificates count, without the routes: for those that decide by it. */
@Module({
  imports: [IdentityModule],
  providers: [CertificatePolicy, DisclosuresService, SubjectKeys],
  exports: [CertificatePolicy, DisclosuresService, SubjectKeys],
})
export class DisclosuresModule {}

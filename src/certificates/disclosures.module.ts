import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { DisclosuresService } from './disclosures.service';
import { SubjectKeys } from './subject-keys.service';

/** What was disclosed, without the routes: for those that decide by it. */
@Module({
  imports: [IdentityModule],
  providers: [DisclosuresService, SubjectKeys],
  exports: [DisclosuresService, SubjectKeys],
})
export class DisclosuresModule {}

import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CertificateExchange, IdentityModule } from '../identity';
import { RevocationModule } from '../revocation';
import { CertificatesController } from './certificates.controller';
import { CertificatesService } from './certificates.service';
import { DisclosuresModule } from './disclosures.module';
import { SubjectKeysRunner } from './subject-keys.runner';

/** What callers prove about themselves beside their key. */
@Module({
  imports: [DisclosuresModule, IdentityModule, RevocationModule],
  controllers: [CertificatesController],
  providers: [CertificatesService, SubjectKeysRunner],
})
export class CertificatesModule implements OnModuleInit {
  constructor(
    @Inject(CertificateExchange) private readonly exchange: CertificateExchange,
    @Inject(CertificatesService) private readonly certificates: CertificatesService,
  ) {}

  onModuleInit(): void {
    this.exchange.attend(this.certificates);
  }
}

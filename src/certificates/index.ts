export { CertificatePolicy } from './certificate-policy';
export { CertificatesModule } from './certificates.module';
export { DisclosuresModule } from './disclosures.module';
export { DisclosuresService } from './disclosures.service';
export { SubjectKeys } from './subject-keys.service';
export type { OpenedKey } from './subject-keys.service';

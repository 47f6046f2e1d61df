export { VerificationModule } from './verification.module';
export { VerificationService } from './verification.service';

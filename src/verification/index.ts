export { VerificationModule } from './verification.module';
export { VerificationService } from './verification.service';
export type { PoolState } from './verification.pool';

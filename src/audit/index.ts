export { AuditModule } from './audit.module';
export { AuditService } from './audit.service';
export type { AuditedDecision } from './audit.service';

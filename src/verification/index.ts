export { ScriptVerdicts } from './script-verdicts.service';
export { VerificationModule } from './verification.module';
export { VerificationService } from './verification.service';
export type { Urgency } from './waiting-line';

import { Module } from '@nestjs/common';
import { ChainModule } from '../chain';
import { ScriptVerdictPruningRunner } from './script-verdict-pruning.runner';
import { ScriptVerdicts } from './script-verdicts.service';
import { VerificationService } from './verification.service';

@Module({
  imports: [ChainModule],
  providers: [VerificationService, ScriptVerdicts, ScriptVerdictPruningRunner],
  exports: [VerificationService],
})
export class VerificationModule {}

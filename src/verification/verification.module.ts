import { Module } from '@nestjs/common';
import { ChainModule } from '../chain';
import { VerificationService } from './verification.service';

@Module({ imports: [ChainModule], providers: [VerificationService], exports: [VerificationService] })
export class VerificationModule {}

import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { PlansModule } from '../plans';
import { TransitionsModule } from '../submissions';
import { VerificationModule } from '../verification';
import { Sweeps } from './sweeps.service';
import { TreasuryCoins } from './treasury-coins.service';
import { TreasuryController } from './treasury.controller';
import { Treasury } from './treasury.service';

/** What was paid: where it is, and how it leaves. */
@Module({
  imports: [IdentityModule, PlansModule, TransitionsModule, VerificationModule],
  controllers: [TreasuryController],
  providers: [Treasury, TreasuryCoins, Sweeps],
})
export class TreasuryModule {}

import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { PaymentsModule } from '../payments';
import { PlansModule } from '../plans';
import { AccountsController } from './accounts.controller';
import { Accounts } from './accounts.service';
import { TopUpsController } from './top-ups.controller';

/** Accounts of customers: paying ahead, and statements. */
@Module({
  imports: [IdentityModule, PaymentsModule, PlansModule],
  controllers: [TopUpsController, AccountsController],
  providers: [Accounts],
})
export class AccountsModule {}

import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { PaymentsModule } from '../payments';
import { PoliciesModule } from '../policies';
import { SubmissionsModule } from '../submissions';
import { TopicsModule } from '../topics';
import { VerificationModule } from '../verification';
import { AcceptancesService } from './acceptances.service';
import { BasketsController } from './baskets.controller';
import { BasketsService } from './baskets.service';
import { InventoryController } from './inventory.controller';
import { OffersController } from './offers.controller';
import { OffersService } from './offers.service';
import { ReservationsController } from './reservations.controller';
import { ReservationsService } from './reservations.service';
import { WalletController } from './wallet.controller';
import { WalletService } from './wallet.service';

/** What an organisation keeps, holds, has in stock and exchanges; and the calls of BRC-100 that such a host can answer. */
@Module({
  imports: [IdentityModule, PaymentsModule, PoliciesModule, SubmissionsModule, TopicsModule, VerificationModule],
  controllers: [ReservationsController, BasketsController, InventoryController, OffersController, WalletController],
  providers: [BasketsService, ReservationsService, OffersService, AcceptancesService, WalletService],
})
export class BasketsModule {}

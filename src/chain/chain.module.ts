import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { findHeaderTip } from '#ledger';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config';
import { EgressModule } from '../egress';
import { Log, Metrics } from '../telemetry';
import { announceNetwork } from './announce-network';
import { ChainProbe } from './chain.probe';
import { CHAIN_TRACKER, ChainTrackerService } from './chain-tracker.service';
import { HeaderSyncRunner } from './header-sync.runner';

/** Our own headers: followed in the roles relay and all, judged by in every role. */
@Module({
  imports: [EgressModule],
  providers: [{ provide: CHAIN_TRACKER, useClass: ChainTrackerService }, HeaderSyncRunner, ChainProbe],
  exports: [CHAIN_TRACKER],
})
export class ChainModule implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(DataSource) private readonly database: DataSource,
  ) {}

  onModuleInit(): void {
    announceNetwork(this.config, this.log);
    this.metrics.gauge('chain_tip_height', 'Height of the best header', async () => {
      const tip = await findHeaderTip(this.database);
      return tip?.height ?? 0;
    });
    this.metrics.gauge('chain_tip_age_seconds', 'Time since the best header was stored', async () => {
      const tip = await findHeaderTip(this.database);
      return tip?.ageSeconds ?? 0;
    });
  }
}

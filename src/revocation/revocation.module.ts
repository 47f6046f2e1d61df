import { Module } from '@nestjs/common';
import { ChainModule } from '../chain';
import { EgressModule } from '../egress';
import { RevocationMonitor } from './revocation-monitor.runner';
import { RevocationService } from './revocation.service';

/** Whether certificates are revoked. */
@Module({ imports: [ChainModule, EgressModule], providers: [RevocationService], exports: [RevocationService] })
export class RevocationModule {}

/** Keeps what is known of them fresh. For the roles relay and all. */
@Module({ imports: [RevocationModule], providers: [RevocationMonitor] })
export class RevocationMonitorModule {}

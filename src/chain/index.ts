export { ChainModule } from './chain.module';
export { CHAIN_TRACKER, ChainTrackerService } from './chain-tracker.service';
export { importHeaders } from './import-headers';

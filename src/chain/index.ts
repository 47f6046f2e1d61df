export { ChainModule } from './chain.module';
export { CHAIN_TRACKER, ChainTrackerService } from './chain-tracker.service';
export { HeaderImportError, importHeaders } from './import-headers';
export type { HeaderImport, HeaderImported } from './import-headers';

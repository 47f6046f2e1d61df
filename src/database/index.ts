export { DatabaseModule } from './database.module';
export { FolderBusyError } from './embedded/claim-folder';
export { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/start-embedded-postgres';
export { migrateDatabase } from './migrate-database';
export { NotificationListener } from './notification-listener';
export { openDataSource } from './open-data-source';
export { PruningRunner } from './pruning.runner';
export { RoundRunner } from './round.runner';

export { GaspModule, GaspSyncModule } from './gasp.module';

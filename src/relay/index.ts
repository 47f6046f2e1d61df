export { CallbacksModule, RelayModule } from './relay.module';
export type { RelayOptions } from './relay-options';

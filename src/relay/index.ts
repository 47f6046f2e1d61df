export { CallbacksModule, RelayModule } from './relay.module';
export { BROADCASTER } from './relay.service';
export { RelayRunner } from './relay.runner';
export type { RelayOptions } from './relay.runner';

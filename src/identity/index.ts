export { callerOf } from './caller';
export type { Caller } from './caller';
export { GATEWAY_KEYS } from './gateway-keys';
export { IdentityModule } from './identity.module';
export { registerIdentity } from './register-identity';

export type { RevocationSourceSetting } from './certificate-settings';
export { arcUrlOf, attachDevnet, CONFIG, readConfig, resolveConfig, type Config } from './config';
export { ConfigError } from './config-error';
export { listOfParties } from './fields';
export { ConfigModule } from './config.module';
export { describeSettings, redactConfig } from './describe-config';
export {
  FOR_EVERYBODY,
  isForEverybody,
  listConfiguredPlans,
  planDefinition,
  planName,
  readPlan,
  type PlanDefinition,
} from './plan-settings';
export { findOperator } from './find-operator';
export type { RoleGrant, TlsClient } from './people-settings';
export { roles, type Role } from './policy-settings';
export { parseSettings, readSettings, variableOf } from './read-settings';
export type { HeaderSourceSetting, Price, Settings, SettingsInput } from './schema';
export { Secret } from './secret';

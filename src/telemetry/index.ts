export { Log } from './log';
export { Metrics } from './metrics';
export { MetricsServer } from './metrics-server';
export { runInRequest } from './request-scope';
export type { RequestScope } from './request-scope';
export { TelemetryModule } from './telemetry.module';
export { withSpan } from './with-span';

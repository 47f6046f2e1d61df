export { ReadinessProbe } from './health-probe';
export type { HealthProbe, HealthReport } from './health-probe';
export { HealthModule } from './health.module';
export { HealthService } from './health.service';
export { DatabaseProbe } from './database.probe';

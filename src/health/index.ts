export { ReadinessProbe } from './health-probe';
export type { HealthProbe, HealthReport } from './health-probe';

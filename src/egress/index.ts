export { EgressModule, HTTP_CLIENT } from './egress.module';
export { buildEgressPolicy } from './egress-policy';
export type { AllowedOrigin, EgressPolicy } from './egress-policy';
export { PinnedHttpClient } from './pinned-http-client';

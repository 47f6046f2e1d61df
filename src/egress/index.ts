export { EgressModule, HTTP_CLIENT, listConfiguredUrls } from './egress.module';
export { buildEgressPolicy } from './egress-policy';
export type { AllowedOrigin, EgressPolicy } from './egress-policy';
export { PinnedHttpClient } from './pinned-http-client';
export { startTimeBudget } from './time-budget';
export { judgeDeliveryUrl } from './judge-delivery-url';

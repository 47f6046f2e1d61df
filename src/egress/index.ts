export { EgressModule, HTTP_CLIENT, listConfiguredUrls } from './egress.module';
export { EgressRefusedError, buildEgressPolicy } from './egress-policy';
export type { AllowedOrigin, EgressPolicy } from './egress-policy';
export { EgressFailedError, PinnedHttpClient } from './pinned-http-client';

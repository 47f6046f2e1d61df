export { actBeforeAnswer, beforeAnswer } from './before-answer';
export { isDatabaseOutage } from './database-outage';
export { Door } from './door';
export { DOOR_LIMITS, doorLimitsOf } from './door-limits';
export type { DoorLimits } from './door-limits';
export { GatewayAdapter } from './gateway-adapter';
export { bodyOf, mediaTypeOf, refuse, unwrap } from './gateway-request';
export type { GatewayReply, GatewayRequest } from './gateway-request';
export { judgeError } from './judge-error';
export { limitAnonymous } from './limit-anonymous';
export { limitIdentities } from './limit-identities';
export {
  PROBLEM_MEDIA_TYPE,
  REQUEST_ID_HEADER,
  overlayStatusOf,
  retryHeaderOf,
  writeOverlayRefusal,
  writeProblem,
} from './problem';
export type { Problem } from './problem';
export { ProblemFilter } from './problem.filter';
export { readJson } from './read-json';
export { RejectionError } from './rejection-error';
export type { RejectionExtra } from './rejection-error';
export { RequestWatcher } from './request-watcher';
export { isUnderV1, mannersOf } from './route-manners';
export type { RouteManners } from './route-manners';
export type { RouteEntry } from './route-table';
export { PAGE_STYLE, escapeHtml, makePagePolicy } from './write-problem-page';
export { TokenBuckets, rateKeyOfAddress } from './token-bucket';
export type { UseElsewhere } from './token-bucket';
export { isUpgrade, takeUpgrade } from './upgrades';
export type { Upgrade } from './upgrades';

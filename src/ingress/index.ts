export { RejectionError } from './rejection-error';
export type { RejectionExtra } from './rejection-error';
export { bodyOf, mediaTypeOf, refuse, unwrap } from './gateway-request';
export type { GatewayReply, GatewayRequest } from './gateway-request';

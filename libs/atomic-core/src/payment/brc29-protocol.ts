import type { KeyProtocol } from '../crypto/child-keys';

/** BRC-29. */
export const BRC29_PROTOCOL: KeyProtocol = [2, '3241645161d8'];

import { createHmac } from 'node:crypto';
import type { CurveKeys } from '../crypto/curve-keys';
import { liveCurveKeys } from '../crypto/open-curve-keys';

/**
 * What follows from a root key one-way, and is enough for whoever broadcasts and delivers but answers nobody in the gateway's name. Of these nobody gets back
 * to the root.
 */
export interface RelaySecrets {
  /** 33-byte compressed public key, lower-case hex. */
  readonly identityKey: string;
  /** What callbacks of a broadcaster carry, where the configuration names nothing else. */
  readonly callbackToken: string;
  /** Secrets of webhook subscriptions are derived from it. */
  readonly webhookKey: Uint8Array;
}

/** `root`: 32 octets. Throws when they are no key. */
export const deriveRelaySecrets = (root: Uint8Array, curve: CurveKeys = liveCurveKeys()): RelaySecrets => ({
  identityKey: Buffer.from(curve.publicKeyOf(root)).toString('hex'),
  callbackToken: createHmac('sha256', root).update('portcullis callback token v1').digest('hex'),
  webhookKey: createHmac('sha256', root).update('portcullis webhooks v1').digest(),
});

import type { Config } from '../config';

/** What the door accepts, beside the sizes that the configuration sets. RELIABILITY names the attack in brackets. */
export interface DoorLimits {
  /** Time for the request head [slowloris]. */
  readonly headTimeoutMs: number;
  /** Time for the whole request, head and body [one byte per second]. */
  readonly requestTimeoutMs: number;
  /** A connection on which nothing moves [idle sockets]. Longer than the longest `Prefer: wait`. */
  readonly idleTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** How often Node looks for connections over their time. */
  readonly timeoutCheckMs: number;
  readonly connectionsMax: number;
  /** Ends very long-lived connections, so that load moves to new replicas. */
  readonly requestsPerConnectionMax: number;
  readonly headersMax: number;
  /** A route parameter; the longest is a basket name of 300 characters, percent-encoded. */
  readonly pathParameterCharsMax: number;
  /** How much of a refused body is read and thrown away, so that a client that writes before it reads sees the refusal. */
  readonly refusedBodyBytesMax: number;
  readonly refusedBodyTimeoutMs: number;
  /** All bulk bodies that are held at once, in this process [memory]. Four of the largest. */
  readonly bulkBytesInHandMax: number;
  /** Token buckets: sustained requests per second, and twice that at once. */
  readonly addressRatePerSecond: number;
  readonly identityRatePerSecond: number;
  /** Keys that a bucket store remembers; the least recently seen is forgotten first [10^6 identities]. */
  readonly rateKeysMax: number;
}

/** What is not a setting, and the defaults of what is. */
export const DOOR_LIMITS: DoorLimits = {
  headTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 60_000,
  timeoutCheckMs: 1_000,
  connectionsMax: 2_000,
  requestsPerConnectionMax: 100_000,
  headersMax: 64,
  pathParameterCharsMax: 1_000,
  refusedBodyBytesMax: 8 * 1_048_576,
  refusedBodyTimeoutMs: 2_000,
  bulkBytesInHandMax: 128 * 1_048_576,
  addressRatePerSecond: 2_000,
  identityRatePerSecond: 1_000,
  rateKeysMax: 100_000,
};

export const doorLimitsOf = ({
  addressRequestsPerSecond,
  identityRequestsPerSecond,
}: Pick<Config, 'addressRequestsPerSecond' | 'identityRequestsPerSecond'>): DoorLimits => ({
  ...DOOR_LIMITS,
  addressRatePerSecond: addressRequestsPerSecond,
  identityRatePerSecond: identityRequestsPerSecond,
});

/** Parsed JSON: nesting, and members over the whole document. */
export const JSON_DEPTH_MAX = 20;
export const JSON_MEMBERS_MAX = 10_000;

/** Token of the HandshakeLimits. */
export const HANDSHAKE_LIMITS = Symbol('HANDSHAKE_LIMITS');

/**
 * A handshake is unsigned: whoever sends one costs us a signature and a row (defect A6). Sustained handshakes per second, twice that at once, over all
 * processes (decision 52).
 */
export interface HandshakeLimits {
  readonly perSecondAndAddress: number;
  readonly perSecond: number;
  /** Addresses remembered; the least recently seen is forgotten first. */
  readonly addressesMax: number;
}

/** At this total and the default life of a session of one hour the table stays below 360,000 rows, about 100 MB; ended ones are removed. */
export const handshakeLimits: HandshakeLimits = {
  perSecondAndAddress: 50,
  perSecond: 100,
  addressesMax: 10_000,
};

/** bytes: sixteen certificates of some fields each. Anybody may send so much JSON, which is read before its signature is known to be true. */
export const AUTH_MESSAGE_BYTES_MAX = 131_072;

/**
 * fields of our own certificates that one handshake is answered with: each costs two multiplications (0.15 ms of CPU), and anybody may name a member's key. Who asks
 * for more asks again in the session, signed, and gets them all.
 */
export const SHOWN_FIELDS_MAX = 4;

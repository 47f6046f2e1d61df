/** Webhooks of one organisation: each is asked for whenever something was committed. */
export const WEBHOOKS_OF_ONE_MAX = 64;

/** Deliveries under way in one process, and those of one organisation: whose receivers hang must not hold up others. */
export const DELIVERIES_MAX = 16;
export const DELIVERIES_OF_ONE_MAX = 4;

/** A receiver answers within this time, and puts its work off until it has answered. */
export const DELIVERY_MS_MAX = 10_000;
/** A delivery that is not over by then is another relay's to repeat. */
export const DELIVERY_LEASE_MS = 3 * DELIVERY_MS_MAX;
/** After so long one subscription makes room for another, and waits for its next turn. */
export const TURN_MS_MAX = 20_000;
/** What an answer says beside its status is thrown away. */
export const DELIVERY_ANSWER_BYTES_MAX = 65_536;

/** Failures in a row after which nothing more is tried until somebody enables the subscription: with the pauses of `retryPauseMs` about 14 hours. */
export const DELIVERY_FAILURES_MAX = 30;

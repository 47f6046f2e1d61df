/**
 * A handshake is unsigned: whoever sends one costs us a signature and a row (defect A6). Sustained handshakes per second, twice that at once, per
 * process. At the total rate and the default life of a session of one hour the table stays below 360,000 rows, about 100 MB; ended ones are removed.
 */
export const HANDSHAKES_PER_SECOND_AND_ADDRESS = 50;
export const HANDSHAKES_PER_SECOND = 100;
export const HANDSHAKE_ADDRESSES_MAX = 10_000;
/** An initialRequest with a certificate request of the SDK's usual size is below 1 KiB. */
export const HANDSHAKE_BYTES_MAX = 16_384;

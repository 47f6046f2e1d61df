import { accept, limits, reject, type Result } from '#atomic-core';

const IDEMPOTENCY_KEY = /^[A-Za-z0-9._~:+/=-]+$/;
const WAIT = /^wait=([0-9]{1,5})$/;

/** The caller's own name for a request; undefined when it gave none. Quotes are stripped: the IETF draft writes the key as a quoted string. */
export function readIdempotencyKey(header: string | undefined): Result<string | undefined> {
  if (header === undefined) return accept(undefined);
  const quoted = header.length >= 2 && header.startsWith('"') && header.endsWith('"');
  const key = quoted ? header.slice(1, -1) : header;
  if (key.length > limits.IDEMPOTENCY_KEY_BYTES_MAX) {
    return reject('idempotency-key-malformed', `longer than ${limits.IDEMPOTENCY_KEY_BYTES_MAX} bytes`);
  }
  return IDEMPOTENCY_KEY.test(key)
    ? accept(key)
    : reject('idempotency-key-malformed', 'letters, digits and . _ ~ : + / = - only');
}

/** RFC 7240 `wait`, cut to what this gateway grants; 0 when there is none. A preference that is not understood is ignored, as the RFC says. */
export function readWaitSeconds(header: string | undefined): number {
  const preferences = (header ?? '').toLowerCase().split(/[,;]/, 8);
  for (const preference of preferences) {
    const wait = WAIT.exec(preference.trim());
    if (wait !== null) return Math.min(Number(wait[1]), limits.WAIT_SECONDS_MAX);
  }
  return 0;
}

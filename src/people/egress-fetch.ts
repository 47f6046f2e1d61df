import type { CustomFetch } from 'openid-client';
import type { HttpClient } from '#ports';

const ANSWER_BYTES_MAX = 262_144;
/** Of one exchange with the provider. A login is two of them, and a first one four. */
export const PROVIDER_TIMEOUT_MS = 5_000;

const BODYLESS = new Set([204, 205, 304]);

/** `fetch` as the OpenID client wants it, by the one way out of this gateway. */
export const makeEgressFetch =
  (http: HttpClient): CustomFetch =>
  async (url, { body, headers, method, signal }) => {
    if (method !== 'GET' && method !== 'POST') throw new TypeError('Only GET and POST go to a provider.');
    const octets = body instanceof URLSearchParams || typeof body === 'string' ? body.toString() : undefined;
    if (body != null && octets === undefined) throw new TypeError('Only text goes to a provider.');
    const sent = { method, url, headers, timeoutMs: PROVIDER_TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX } as const;
    const answer = await http.send(octets === undefined ? sent : { ...sent, body: octets }, signal ?? undefined);
    const content = BODYLESS.has(answer.status) ? null : new Uint8Array(answer.body);
    return new Response(content, { status: answer.status, headers: answer.headers });
  };

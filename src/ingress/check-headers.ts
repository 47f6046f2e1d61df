import { type Result, accept, reject } from '#atomic-core';

/** Security and meaning hang on these; Node would join or drop a repeated one, and two readers would see two requests. */
const SINGLE_HEADERS = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'idempotency-key',
  'origin',
  'payment-signature',
  'portcullis-request',
  'prefer',
  'sec-fetch-site',
  'traceparent',
  'transfer-encoding',
  'x-aggregation',
  'x-callbackurl',
  'x-includes-off-chain-values',
  'x-topics',
]);
const BODYLESS_METHODS = new Set(['GET', 'HEAD']);

export interface RequestHead {
  readonly method: string;
  readonly httpVersion: string;
  /** Names and values alternating, as they came. */
  readonly rawHeaders: readonly string[];
}

const isSingle = (name: string): boolean => name.startsWith('x-bsv-') || SINGLE_HEADERS.has(name);

/** The rules of the door on the request head. Syntax, CL+TE and obs-fold are refused earlier, by Node's strict parser. */
export function checkHeaders(head: RequestHead, headersMax: number): Result<undefined> {
  const { rawHeaders } = head;
  if (rawHeaders.length / 2 > headersMax) {
    return reject('headers-too-large', `A request may have at most ${String(headersMax)} headers.`);
  }
  const single = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!isSingle(name)) continue;
    // Naming the header is safe: it is in our list or starts with x-bsv-, and a name is a token without controls.
    if (single.has(name)) return reject('header-duplicated', `The header ${name.slice(0, 64)} appears more than once.`);
    single.set(name, rawHeaders[index + 1] ?? '');
  }
  return checkMeaning(head, single);
}

function checkMeaning(head: RequestHead, single: ReadonlyMap<string, string>): Result<undefined> {
  if (head.httpVersion !== '1.0' && (single.get('host') ?? '') === '') {
    return reject('request-malformed', 'The Host header is missing.');
  }
  const encoding = single.get('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return reject('content-encoding-refused');
  const transfer = single.get('transfer-encoding');
  if (transfer !== undefined && transfer.toLowerCase() !== 'chunked') {
    return reject('request-malformed', 'The only transfer encoding is chunked.');
  }
  if (single.has('expect') && single.get('expect')?.toLowerCase() !== '100-continue') {
    return reject('request-malformed', 'The expectation is not supported.');
  }
  const hasBody = transfer !== undefined || Number(single.get('content-length') ?? 0) > 0;
  if (hasBody && BODYLESS_METHODS.has(head.method)) {
    return reject('request-malformed', `A ${head.method} request has no body.`);
  }
  return accept(undefined);
}

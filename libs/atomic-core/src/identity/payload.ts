import { accept, reject } from '../rejection';
import type { Result } from '../rejection';

/** One HTTP request as it came in: nothing decoded, nothing normalised. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as in the request line. */
  readonly url: string;
  /** name, value, name, value, … as received. */
  readonly rawHeaders: readonly string[];
  /** The body octets, whatever their content type; empty when there is none. */
  readonly body: Uint8Array;
}

type HeaderPair = readonly [name: string, value: string];

/** `writeVarIntNum(-1)` of the SDK: the mark for "absent". */
const ABSENT = Buffer.alloc(9, 0xff);
const HEADER_NAME = /^[a-z0-9-]+$/;

export const writeVarint = (value: number): Buffer => {
  if (value < 0xfd) return Buffer.of(value);
  const octets = Buffer.alloc(value <= 0xffff ? 3 : 5);
  if (value <= 0xffff) {
    octets[0] = 0xfd;
    octets.writeUInt16LE(value, 1);
  } else {
    octets[0] = 0xfe;
    octets.writeUInt32LE(value, 1);
  }
  return octets;
};

const writeField = (octets: Uint8Array): Uint8Array[] => [writeVarint(octets.length), octets];
const writeText = (text: string): Uint8Array[] => writeField(Buffer.from(text, 'utf8'));
const writeOptional = (octets: Uint8Array): Uint8Array[] => (octets.length === 0 ? [ABSENT] : writeField(octets));

const isSigned = (name: string): boolean =>
  (name.startsWith('x-bsv-') && !name.startsWith('x-bsv-auth')) || name === 'content-type' || name === 'authorization';

/** The SDK signs the media type without its parameters. */
const signedValue = (name: string, value: string): string =>
  name === 'content-type' ? (value.split(';')[0] ?? '').trim() : value;

/**
 * The signed headers in the order of the SDK. It sorts by `localeCompare`; over letters, digits and hyphens that is the order of the octets, so other
 * names are refused. A repeated header is refused too: it has one value for the signature and perhaps another for the reader.
 */
const listSignedHeaders = (rawHeaders: readonly string[]): Result<HeaderPair[]> => {
  const pairs = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (!isSigned(name)) continue;
    if (!HEADER_NAME.test(name)) return reject('auth-malformed', 'The name of a signed header is not well formed.');
    if (pairs.has(name)) return reject('header-duplicated');
    pairs.set(name, signedValue(name, rawHeaders[i + 1] as string));
  }
  return accept([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)));
};

const writeHeaders = (pairs: readonly HeaderPair[]): Uint8Array[] => [
  writeVarint(pairs.length),
  ...pairs.flatMap(([name, value]) => [...writeText(name), ...writeText(value)]),
];

/** The octets that a caller signs (BRC-104, as `AuthFetch` builds them). The body is always covered: defect A4 was a body that was not. */
export const writeRequestPayload = (requestId: string, request: SignedRequest): Result<Buffer> => {
  const headers = listSignedHeaders(request.rawHeaders);
  if (!headers.ok) return headers;
  const queryAt = request.url.indexOf('?');
  const path = queryAt === -1 ? request.url : request.url.slice(0, queryAt);
  const query = queryAt === -1 ? '' : request.url.slice(queryAt);
  return accept(
    Buffer.concat([
      Buffer.from(requestId, 'base64'),
      ...writeText(request.method),
      ...writeOptional(Buffer.from(path, 'utf8')),
      ...writeOptional(Buffer.from(query, 'utf8')),
      ...writeHeaders(headers.value),
      ...writeOptional(request.body),
    ]),
  );
};

export interface SignedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * The octets that we sign for an answer. `content-type` is not covered on this side. An empty body is written as length 0, which is what `AuthFetch`
 * recomputes (defect A7); answers are never empty except to HEAD.
 */
export const writeResponsePayload = (requestId: string, response: SignedResponse): Buffer => {
  const pairs = Object.entries(response.headers)
    .map(([name, value]): HeaderPair => [name.toLowerCase(), value])
    .filter(([name]) => isSigned(name) && name !== 'content-type')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([
    Buffer.from(requestId, 'base64'),
    writeVarint(response.status),
    ...writeHeaders(pairs),
    ...writeField(response.body),
  ]);
};

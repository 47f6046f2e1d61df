import { accept, reject } from '../rejection';
import type { Result } from '../rejection';

/** A request whose payment came in its body (BRC-118). */
export interface PaymentParts {
  /** What the header `x-bsv-payment` would have held. */
  readonly payment: string;
  /** The request's own body, and its media type; undefined where it has none. */
  readonly body: Uint8Array | undefined;
  readonly contentType: string | undefined;
}

interface Part {
  readonly name: string;
  readonly contentType: string | undefined;
  readonly octets: Buffer;
}

/** RFC 2046: 1 to 70 of these, and no space at the end. */
const BOUNDARY = /^multipart\/form-data\s*;\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))\s*$/i;
const BOUNDARY_CHARACTERS = /^[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]$/;
const DISPOSITION = /^form-data\s*;\s*name="(x-bsv-payment|body)"(?:\s*;\s*filename="[^"\r\n]*")?\s*$/i;
/** Of the head of one part. */
const HEAD_BYTES_MAX = 1_024;
const MAX_PARTS = 2;
const CRLF = '\r\n';

const malformed = (detail: string): Result<never> => reject('payment-malformed', detail);

const readBoundary = (contentType: string): string | undefined => {
  const found = BOUNDARY.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  return boundary !== undefined && BOUNDARY_CHARACTERS.test(boundary) ? boundary : undefined;
};

/** Two headers are known, each once: whatever else a part says could be read by somebody else in another way. */
const readHead = (head: string): { name: string; contentType: string | undefined } | undefined => {
  let [name, contentType]: (string | undefined)[] = [];
  for (const line of head.split(CRLF)) {
    const colon = line.indexOf(':');
    const [field, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    if (field === 'content-disposition' && name === undefined) name = DISPOSITION.exec(value)?.[1]?.toLowerCase();
    else if (field === 'content-type' && contentType === undefined) contentType = value;
    else return undefined;
  }
  return name === undefined ? undefined : { name, contentType };
};

/** Strictly: the body begins and ends with its boundary, and nothing stands before, between or behind the parts. */
const splitParts = (body: Buffer, boundary: string): Part[] | undefined => {
  const opening = Buffer.from(`--${boundary}${CRLF}`, 'latin1');
  const delimiter = Buffer.from(`${CRLF}--${boundary}`, 'latin1');
  if (!body.subarray(0, opening.length).equals(opening)) return undefined;
  const parts: Part[] = [];
  let at = opening.length;
  while (parts.length < MAX_PARTS) {
    const headEnd = body.subarray(at, at + HEAD_BYTES_MAX).indexOf(`${CRLF}${CRLF}`);
    const head = headEnd < 0 ? undefined : readHead(body.toString('latin1', at, at + headEnd));
    if (head === undefined) return undefined;
    const start = at + headEnd + 4;
    const end = body.indexOf(delimiter, start);
    if (end < 0) return undefined;
    parts.push({ ...head, octets: body.subarray(start, end) });
    const rest = body.toString('latin1', end + delimiter.length, end + delimiter.length + 5);
    if (rest === '--' || rest === `--${CRLF}`) return parts;
    if (!rest.startsWith(CRLF)) return undefined;
    at = end + delimiter.length + CRLF.length;
  }
  return undefined;
};

/** MUST come after the signature over the whole body was verified: what is taken out of it is not signed by itself. */
export const readPaymentParts = (contentType: string, body: Buffer): Result<PaymentParts> => {
  const boundary = readBoundary(contentType);
  if (boundary === undefined) return malformed('The multipart body has no well-formed boundary.');
  const parts = splitParts(body, boundary);
  if (parts === undefined) return malformed('The multipart body is not the parts x-bsv-payment and body.');
  const payments = parts.filter(({ name }) => name === 'x-bsv-payment');
  const bodies = parts.filter(({ name }) => name === 'body');
  const [payment] = payments;
  if (payment === undefined || payments.length > 1 || bodies.length > 1)
    return malformed('The multipart body has the part x-bsv-payment once, and the part body at most once.');
  if (payment.contentType?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json')
    return malformed('The part x-bsv-payment is not application/json.');
  return accept({
    payment: payment.octets.toString('utf8'),
    body: bodies[0]?.octets,
    contentType: bodies[0]?.contentType,
  });
};

import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { readStringifiedOctets } from '../submissions';
import { refuseArgument } from './wallet-argument';

const COMMA = 0x2c;
const CLOSE = 0x5d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const OCTET_MAX = 255;
const TX = /"tx"\s*:\s*([[{])/;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** The arguments of a BRC-100 call, as `HTTPWalletJSON` posts them. Members that the call does not have are passed over, as wallets do. */
export function readWalletArgs<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  return readShape(unwrap(readJson(readJsonBody(request))), schema);
}

/** As {@link readWalletArgs} of a call with a transaction: `tx` as octets. */
export function readWalletTransaction<T>(
  request: FastifyRequest,
  schema: z.ZodType<T>,
): { readonly args: T; readonly tx: Buffer } {
  const { tx, rest, mark } = cutOctets(readJsonBody(request));
  const args = unwrap(readJson(rest));
  // What was cut out is the argument only if it stood where the argument stands.
  const isThere = typeof args === 'object' && args !== null && (args as { tx?: unknown }).tx === mark;
  if (tx === undefined || !isThere) return refuseArgument('tx', 'an Atomic BEEF (BRC-95) as an array of octets');
  return { args: readShape(args, schema), tx };
}

function readJsonBody(request: FastifyRequest): Buffer {
  return mediaTypeOf(request) === 'application/json'
    ? bodyOf(request)
    : refuse('media-type-unsupported', 'application/json');
}

function readShape<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path ?? [];
  const place = path.filter((part) => typeof part !== 'symbol').join('.');
  return refuseArgument(
    String(path[0] ?? 'args'),
    `${place === '' ? 'the arguments are' : `${place} is`} not as it should be`,
  );
}

interface Cut {
  readonly tx: Buffer | undefined;
  /** The JSON with `mark` in the place of the octets. */
  readonly rest: Buffer;
  readonly mark: string;
}

/**
 * BRC-100 writes a transaction as an array with a number for each octet (and `JSON.stringify` a Uint8Array as an object of them): megabytes of members, which
 * our reader of JSON refuses for good reason. They are read here, in one pass and into octets, and the rest is JSON like any other. In a JSON text `"tx"` before a
 * colon is a key, or the end of one.
 */
function cutOctets(body: Buffer): Cut {
  const mark = randomUUID();
  const found = TX.exec(body.toString('latin1'));
  const start = found === null ? 0 : found.index + found[0].length - 1;
  const { octets, end } = found?.[1] === '[' ? readOctets(body, start + 1) : readKeyed(body, start);
  if (octets === undefined) return { tx: undefined, rest: body, mark };
  const rest = Buffer.concat([body.subarray(0, start), Buffer.from(`"${mark}"`), body.subarray(end)]);
  return { tx: octets, rest, mark };
}

interface Octets {
  readonly octets: Buffer | undefined;
  /** Behind them. */
  readonly end: number;
}

function readKeyed(body: Buffer, start: number): Octets {
  const end = body.indexOf('}', start) + 1;
  return { octets: end === 0 ? undefined : readStringifiedOctets(body.subarray(start, end)), end };
}

/** Numbers of 0 to 255 in their one decimal form, between commas and blanks, up to the closing bracket. */
function readOctets(body: Buffer, start: number): Octets {
  const octets = Buffer.alloc((body.length - start) >>> 1);
  let length = 0;
  let at = skipSpaces(body, start);
  for (;;) {
    const from = at;
    let value = 0;
    for (let digit = body[at] ?? 0; digit >= DIGIT_0 && digit <= DIGIT_9 && at - from < 4; digit = body[at] ?? 0) {
      value = value * 10 + digit - DIGIT_0;
      at += 1;
    }
    const isOctet = at > from && value <= OCTET_MAX && (at === from + 1 || body[from] !== DIGIT_0);
    at = skipSpaces(body, at);
    if (!isOctet || (body[at] !== COMMA && body[at] !== CLOSE)) return { octets: undefined, end: at };
    octets[length++] = value;
    if (body[at] === CLOSE) return { octets: octets.subarray(0, length), end: at + 1 };
    at = skipSpaces(body, at + 1);
  }
}

function skipSpaces(body: Buffer, from: number): number {
  let at = from;
  while (SPACES.has(body[at] ?? 0)) at += 1;
  return at;
}

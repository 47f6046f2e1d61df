const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const DIGITS_MAX = 3;

interface Form {
  readonly prefix: string;
  readonly suffix: string;
  /** Whether each value has its index as its key. */
  readonly isKeyed: boolean;
}

/** What `JSON.stringify` makes of a Buffer, a number[] and a Uint8Array. */
const FORMS: readonly Form[] = [
  { prefix: '{"type":"Buffer","data":[', suffix: ']}', isKeyed: false },
  { prefix: '[', suffix: ']', isKeyed: false },
  { prefix: '{"0":', suffix: '}', isKeyed: true },
];

/**
 * The octets behind a body that `AuthFetch` wrote. Version 2.1.0 passes every object body to `JSON.stringify`, so a stock client that is given octets to
 * send puts (and signs) `[1,0,190,239,…]` or `{"0":1,…}` on the wire, under `application/octet-stream`. No BEEF starts with `[` or `{`, so the two
 * cannot be taken for each other. Only the exact text of `JSON.stringify` is taken; linear, without building the JSON.
 */
export function readStringifiedOctets(body: Buffer): Buffer | undefined {
  const form = FORMS.find(({ prefix }) => body.toString('latin1', 0, prefix.length) === prefix);
  if (form === undefined) return undefined;
  const octets = Buffer.alloc(body.length >>> 1);
  let length = 0;
  let at = form.prefix.length;
  for (;;) {
    const end = findNumberEnd(body, at);
    const value = Number(body.toString('latin1', at, end));
    if (end === at || value > 255 || (body[at] === DIGIT_0 && end > at + 1)) return undefined;
    octets[length++] = value;
    if (body[end] !== COMMA) {
      return body.toString('latin1', end) === form.suffix ? octets.subarray(0, length) : undefined;
    }
    const key = form.isKeyed ? `"${String(length)}":` : '';
    if (body.toString('latin1', end + 1, end + 1 + key.length) !== key) return undefined;
    at = end + 1 + key.length;
  }
}

function findNumberEnd(body: Buffer, from: number): number {
  let at = from;
  while (at - from <= DIGITS_MAX && (body[at] ?? 0) >= DIGIT_0 && (body[at] ?? 0) <= DIGIT_9) at += 1;
  return at;
}

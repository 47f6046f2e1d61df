const NUMBER_BYTES = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** A length of two octets or more: no signature of this curve is as long. */
const LONG_LENGTH = 0x80;

/** A number of a signature in 32 octets. Undefined for one with a zero before it that is not needed, and for one that is too large. */
const readNumber = (octets: Uint8Array): Uint8Array | undefined => {
  const isPadded = octets[0] === 0;
  // Of a lone zero, the octet behind it is none.
  if (isPadded && !((octets[1] ?? 0) >= LONG_LENGTH)) return undefined;
  const digits = isPadded ? octets.subarray(1) : octets;
  if (digits.length > NUMBER_BYTES) return undefined;
  const number = new Uint8Array(NUMBER_BYTES);
  number.set(digits, NUMBER_BYTES - digits.length);
  return number;
};

/**
 * r and s as 64 octets, of a signature in DER as wallets send it (BRC-100). Takes what `Signature.fromDER` of the SDK takes, but for numbers of more than 32
 * octets, which sign nothing; undefined for all else.
 */
export const readDer = (der: Uint8Array): Uint8Array | undefined => {
  const { length } = der;
  if (length < 6 || length >= LONG_LENGTH + 2 || der[0] !== SEQUENCE || der[1] !== length - 2) return undefined;
  const rBytes = der[3] as number;
  const second = 4 + rBytes;
  if (der[2] !== INTEGER || rBytes >= LONG_LENGTH || second + 2 > length || der[second] !== INTEGER) return undefined;
  const sBytes = der[second + 1] as number;
  if (sBytes >= LONG_LENGTH || second + 2 + sBytes !== length) return undefined;
  const r = readNumber(der.subarray(4, second));
  const s = readNumber(der.subarray(second + 2));
  if (r === undefined || s === undefined) return undefined;
  const compact = new Uint8Array(2 * NUMBER_BYTES);
  compact.set(r);
  compact.set(s, NUMBER_BYTES);
  return compact;
};

/** Where a number starts without the zeros that say nothing; a zero keeps one. */
const findFirst = (compact: Uint8Array, from: number): number => {
  let at = from;
  while (at < from + NUMBER_BYTES - 1 && compact[at] === 0) at += 1;
  return at;
};

/** The one DER encoding of r and s, given as 64 octets. */
export const writeDer = (compact: Uint8Array): Uint8Array => {
  const numbers = [0, NUMBER_BYTES].map((from) => {
    const start = findFirst(compact, from);
    // Without a zero in front of it, a number that starts with a set bit would be a negative one.
    const pad = (compact[start] as number) >= LONG_LENGTH ? [0] : [];
    const octets = [...pad, ...compact.subarray(start, from + NUMBER_BYTES)];
    return [INTEGER, octets.length, ...octets];
  });
  const body = numbers.flat();
  return Uint8Array.from([SEQUENCE, body.length, ...body]);
};

/** Bytes in JSON are a list of numbers. */
export function readOctets(value: unknown): Uint8Array {
  const isOctet = (one: unknown): one is number => Number.isInteger(one) && Number(one) >= 0 && Number(one) <= 255;
  if (!Array.isArray(value) || !value.every(isOctet)) throw new Error('the wallet did not answer with a transaction');
  return Uint8Array.from(value);
}

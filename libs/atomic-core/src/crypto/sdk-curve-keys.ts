import { BigNumber, Curve, ECDSA, PrivateKey, PublicKey } from '@bsv/sdk';
import type { CurveKeys } from './curve-keys';
import { reduceScalar } from './scalar';

const curve = new Curve();
const numberOf = (octets: Uint8Array): BigNumber => new BigNumber([...octets]);
const octetsOf = (value: BigNumber): number[] => value.toArray('be', 32);
const compressed = (point: { encode(compact?: boolean): number[] | string }): Uint8Array =>
  Uint8Array.from(point.encode(true) as number[]);

/** Compressed and in its one spelling: the SDK reduces an x beyond the field and so reads one key from two. */
const readPoint = (point: Uint8Array): PublicKey => {
  const key = PublicKey.fromDER([...point]);
  if (point.length !== 33 || !Buffer.from(compressed(key)).equals(point))
    throw new Error('The point could not be read');
  return PublicKey.fromString(key.toString());
};

const readSecret = (secret: Uint8Array): PrivateKey => {
  const value = numberOf(secret);
  if (secret.length !== 32 || value.isZero() || value.cmp(curve.n) >= 0) throw new Error('The secret is out of range');
  return new PrivateKey([...secret]);
};

export const openSdkCurveKeys = (): CurveKeys => ({
  label: '@bsv/sdk 2.1.0 (BigInt)',
  isPoint: (point) => {
    try {
      return readPoint(point).validate();
    } catch {
      return false;
    }
  },
  publicKeyOf: (secret) => compressed(readSecret(secret).toPublicKey()),
  multiply: (point, secret) => compressed(readSecret(secret).deriveSharedSecret(readPoint(point))),
  addToSecret: (secret, tweak) => {
    const sum = readSecret(secret).add(numberOf(tweak)).mod(curve.n);
    if (tweak.length !== 32 || sum.isZero()) throw new Error('The tweak is out of range');
    return Uint8Array.from(octetsOf(sum));
  },
  addToPoint: (point, tweak) => {
    const sum = readPoint(point).add(curve.g.mul(numberOf(reduceScalar(tweak))));
    if (sum.isInfinity()) throw new Error('The tweak is out of range');
    return compressed(sum);
  },
  sign: (digest, secret) => {
    const { r, s } = ECDSA.sign(numberOf(reduceScalar(digest)), readSecret(secret), true);
    return Uint8Array.from([...octetsOf(r), ...octetsOf(s)]);
  },
});

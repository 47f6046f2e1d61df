/**
 * Arithmetic with keys: what identities need beside verdicts. Secrets are 32 octets from 1 to the order less 1, points 33 octets compressed. Each call MUST
 * throw for a secret or a point that is none, and MUST take the same time whatever the secret is, as far as its language lets it.
 */
export interface CurveKeys {
  /** For people: the library and its version. */
  readonly label: string;
  isPoint(point: Uint8Array): boolean;
  publicKeyOf(secret: Uint8Array): Uint8Array;
  /** secret × point: what two key holders share. */
  multiply(point: Uint8Array, secret: Uint8Array): Uint8Array;
  /** Any 32 octets as `tweak`: taken modulo the order. */
  addToSecret(secret: Uint8Array, tweak: Uint8Array): Uint8Array;
  /** point + tweak × generator. */
  addToPoint(point: Uint8Array, tweak: Uint8Array): Uint8Array;
  /** r and s, 64 octets, by RFC 6979 with the low s: one signature for one digest and key. */
  sign(digest: Uint8Array, secret: Uint8Array): Uint8Array;
}

import { BigNumber, ECDSA, KeyDeriver, PrivateKey, PublicKey, Signature } from '@bsv/sdk';
import fc from 'fast-check';
import { sha256 } from '../bytes';
import { openNativeCurveKeys } from '../crypto/native-curve-keys';
import { openSdkCurveKeys } from '../crypto/sdk-curve-keys';
import { isIdentityKey, openGatewayKeys, type MessageKey } from './gateway-keys';

const ROOT = '5a'.repeat(32);
const root = new KeyDeriver(PrivateKey.fromHex(ROOT));
const peerRoot = new KeyDeriver(PrivateKey.fromHex('7b'.repeat(32)));
const peer = peerRoot.identityKey;
const MESSAGE: [2, string] = [2, 'auth message signature'];
const digestOf = (octets: Uint8Array): BigNumber => new BigNumber(sha256(octets).toString('hex'), 16);
const derOf = (signature: Signature): Uint8Array => Uint8Array.from(signature.toDER() as number[]);

/** What the SDK alone would answer: the truth that the native part is held to. */
const sdkVerify = (octets: Uint8Array, signature: Uint8Array, keyId: string): boolean => {
  try {
    const parsed = Signature.fromDER([...signature]);
    return ECDSA.verify(digestOf(octets), parsed, root.derivePublicKey(MESSAGE, keyId, peer));
  } catch {
    return false;
  }
};

const text = fc.string({ minLength: 1, maxLength: 60 });
const message = fc.uint8Array({ maxLength: 100 });

describe.each([
  ['natively', openNativeCurveKeys()],
  ['by the SDK', openSdkCurveKeys()],
])('the keys of the gateway %s', (_title, curve) => {
  const keys = openGatewayKeys(ROOT, curve);

  it('are known by the same identity key', () => {
    expect(keys.identityKey).toBe(root.identityKey);
  });

  it('sign octet for octet as the SDK signs', () => {
    fc.assert(
      fc.property(message, text, (octets, keyId) => {
        const wanted = ECDSA.sign(digestOf(octets), root.derivePrivateKey(MESSAGE, keyId, peer), true);
        expect(Buffer.from(keys.signMessage(octets, { keyId, peer }))).toEqual(Buffer.from(derOf(wanted)));
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it('judge signatures as the SDK judges them, damaged ones and either s', () => {
    const key: MessageKey = { keyId: 'one key', peer };
    const secret = peerRoot.derivePrivateKey(MESSAGE, key.keyId, root.identityKey);
    const order = new BigNumber('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 16);
    const damages = fc.oneof(
      fc.constant((der: Uint8Array) => der),
      fc.constant((der: Uint8Array) => {
        const { r, s } = Signature.fromDER([...der]);
        return derOf(new Signature(r, order.sub(s)));
      }),
      fc.tuple(fc.nat(71), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => (der: Uint8Array) => {
        const copy = Uint8Array.from(der);
        copy[at % copy.length]! ^= mask;
        return copy;
      }),
      fc.nat(72).map((length) => (der: Uint8Array) => der.subarray(0, length)),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => () => bytes),
      // Numbers of more than 32 octets, well-formed as DER.
      fc.constant(() =>
        Uint8Array.from([
          0x30,
          0x46,
          0x02,
          0x21,
          ...Array<number>(33).fill(1),
          0x02,
          0x21,
          ...Array<number>(33).fill(1),
        ]),
      ),
    );
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(message, damages, (octets, damage) => {
        const signature = damage(derOf(ECDSA.sign(digestOf(octets), secret, true)));
        const verdict = keys.verifyMessage(octets, signature, key);
        seen.add(verdict);
        expect(verdict).toBe(sdkVerify(octets, signature, key.keyId));
      }),
      { numRuns: 60 },
    );
    expect(seen.size).toBe(2);
  }, 60_000);

  it('derive the keys that payers pay to as the SDK derives them', () => {
    fc.assert(
      fc.property(text, text, (prefix, suffix) => {
        const key = root.derivePublicKey([2, '3241645161d8'], `${prefix} ${suffix}`, peer, true);
        expect([...keys.derivePaymentKeyHash(peer, prefix, suffix)]).toEqual(key.toHash());
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

it('takes for identity keys what the SDK reads in one spelling', () => {
  const bySdk = (given: string): boolean => {
    try {
      const key = PublicKey.fromString(given);
      return key.validate() && key.toString() === given;
    } catch {
      return false;
    }
  };
  const digits = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const edges = fc.constantFrom('00'.repeat(32), 'ff'.repeat(32), '01'.padStart(64, '0'), `${'f'.repeat(55)}efffffc30`);
  fc.assert(
    fc.property(fc.constantFrom('02', '03'), fc.oneof(digits, edges), (prefix, x) => {
      expect(isIdentityKey(prefix + x)).toBe(bySdk(prefix + x));
    }),
    { numRuns: 100 },
  );
  for (const other of [`04${'11'.repeat(32)}`, peer.toUpperCase(), peer.slice(2), `${peer}00`, '', undefined, 7])
    expect(isIdentityKey(other)).toBe(false);
  expect(isIdentityKey(peer)).toBe(true);
}, 60_000);

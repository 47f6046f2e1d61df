import { inspect } from 'node:util';
import { KeyDeriver, PrivateKey, PublicKey } from '@bsv/sdk';
import fc from 'fast-check';
import { openChildKeys, writeInvoiceNumber } from './child-keys';
import type { CurveKeys } from './curve-keys';
import { openNativeCurveKeys } from './native-curve-keys';
import { liveCurveKeys } from './open-curve-keys';
import { reduceScalar } from './scalar';
import { openSdkCurveKeys } from './sdk-curve-keys';
import { testCurveKeys } from './test-backend';

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const octets = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const native = openNativeCurveKeys();
const sdk = openSdkCurveKeys();

/** What is computed, or that nothing is: libraries word their refusals differently. */
const outcome = (compute: () => Uint8Array | boolean): string => {
  try {
    const result = compute();
    return typeof result === 'boolean' ? String(result) : hex(result);
  } catch {
    return 'refused';
  }
};

const edges = [0n, 1n, 2n, N / 2n, N - 2n, N - 1n, N, N + 1n, P - 1n, P, P + 1n, (1n << 256n) - 1n].map(octets);
const scalar = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom(...edges));
const shortOrLong = fc.uint8Array({ maxLength: 70 });
const somePoint = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt(1n, N - 1n).map((secret) => native.publicKeyOf(octets(secret))) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(7), scalar).map(([first, x]) => Uint8Array.from([first, ...x])),
  },
  { weight: 1, arbitrary: shortOrLong },
);

const calls: readonly [string, fc.Arbitrary<(curve: CurveKeys) => Uint8Array | boolean>][] = [
  ['isPoint', somePoint.map((point) => (curve) => curve.isPoint(point))],
  ['publicKeyOf', fc.oneof(scalar, shortOrLong).map((secret) => (curve) => curve.publicKeyOf(secret))],
  [
    'multiply',
    fc.tuple(somePoint, scalar).map(
      ([point, secret]) =>
        (curve) =>
          curve.multiply(point, secret),
    ),
  ],
  [
    'addToSecret',
    fc.tuple(scalar, scalar).map(
      ([secret, tweak]) =>
        (curve) =>
          curve.addToSecret(secret, tweak),
    ),
  ],
  [
    'addToPoint',
    fc.tuple(somePoint, scalar).map(
      ([point, tweak]) =>
        (curve) =>
          curve.addToPoint(point, tweak),
    ),
  ],
  [
    'sign',
    fc.tuple(scalar, scalar).map(
      ([digest, secret]) =>
        (curve) =>
          curve.sign(digest, secret),
    ),
  ],
];

describe('arithmetic with keys', () => {
  it('is native where the binding is', () => {
    expect(liveCurveKeys().label).toBe(native.label);
  });

  it.each(calls)(
    '%s answers alike natively and by the SDK, or both refuse',
    (_name, call) => {
      fc.assert(
        fc.property(call, (compute) => {
          expect(outcome(() => compute(native))).toBe(outcome(() => compute(sdk)));
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );

  it('refuses the sum that is no point and the one that is no secret', () => {
    for (const curve of [native, sdk]) {
      const five = octets(5n);
      const minusFive = octets(N - 5n);
      expect(() => curve.addToPoint(curve.publicKeyOf(five), minusFive)).toThrow();
      expect(() => curve.addToSecret(five, minusFive)).toThrow();
      expect(hex(curve.addToPoint(curve.publicKeyOf(five), five))).toBe(hex(curve.publicKeyOf(octets(10n))));
    }
  });

  it('reads one key from one spelling: x = 1 lies on the curve, x = 1 + p is refused', () => {
    for (const curve of [native, sdk]) {
      expect(curve.isPoint(Uint8Array.from([2, ...octets(1n)]))).toBe(true);
      expect(curve.isPoint(Uint8Array.from([2, ...octets(P + 1n)]))).toBe(false);
    }
  });

  it('reduces modulo the order', () => {
    for (const value of [0n, 1n, N - 1n, N, N + 1n, P, (1n << 256n) - 1n])
      expect(hex(reduceScalar(octets(value)))).toBe(hex(octets(value % N)));
    expect(() => reduceScalar(new Uint8Array(31))).toThrow(RangeError);
  });

  const wrong: readonly [string, Partial<CurveKeys>][] = [
    ['multiplies', { multiply: (point) => point }],
    ['adds to points', { addToPoint: (point) => point }],
    ['adds to secrets', { addToSecret: (secret) => secret }],
    ['signs', { sign: () => new Uint8Array(64) }],
    ['finds public keys', { publicKeyOf: () => new Uint8Array(33) }],
    ['knows points', { isPoint: () => true }],
  ];
  it.each(wrong)('is not used when it %s wrongly', (_title, lie) => {
    expect(() => testCurveKeys({ ...sdk, ...lie })).toThrow('computes known keys wrongly');
  });
});

describe('BRC-42 child keys', () => {
  const anyText = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 40 })
    .map((units) => String.fromCharCode(...units));
  const names = fc.constantFrom(
    'auth message signature',
    '3241645161d8',
    ' Tests With Space ',
    'specific linkage revelation 2 tests',
  );
  const level = fc.constantFrom<0 | 1 | 2>(0, 1, 2);
  const secrets = fc.bigInt(1n, N - 1n);

  it.each([
    ['natively', native],
    ['by the SDK', sdk],
  ])(
    'are those of the SDK %s, whatever the key id, also where it is no Unicode',
    (_title, curve) => {
      fc.assert(
        fc.property(secrets, secrets, level, names, anyText, (own, other, securityLevel, name, keyId) => {
          const peer = native.publicKeyOf(octets(other));
          const reference = new KeyDeriver(PrivateKey.fromHex(hex(octets(own))));
          const children = openChildKeys(octets(own), curve);
          const invoice = writeInvoiceNumber([securityLevel, name], keyId);
          const key = PublicKey.fromString(hex(peer));
          expect(hex(children.deriveSecret(peer, invoice))).toBe(
            reference.derivePrivateKey([securityLevel, name], keyId, key).toHex().padStart(64, '0'),
          );
          expect(hex(children.derivePeerKey(peer, invoice))).toBe(
            reference.derivePublicKey([securityLevel, name], keyId, key).toString(),
          );
        }),
        { numRuns: 25 },
      );
    },
    60_000,
  );

  it('multiply once for a peer that comes again, and forget the peers of long ago', () => {
    const multiplied: string[] = [];
    const counting: CurveKeys = {
      ...native,
      multiply: (peer) => {
        multiplied.push(hex(peer));
        return peer;
      },
    };
    const children = openChildKeys(octets(7n), counting);
    const [first, second] = [native.publicKeyOf(octets(8n)), native.publicKeyOf(octets(9n))];
    const keys = [first, second, first].map((peer) => hex(children.deriveSecret(peer, '2-tests-1')));
    expect(multiplied).toEqual([hex(first), hex(second)]);
    expect([keys[0] === keys[1], keys[0] === keys[2]]).toEqual([false, true]);
    for (let other = 0; other < 10_000; other += 1) {
      const peer = Uint8Array.from(Buffer.from(`02${other.toString(16).padStart(64, '0')}`, 'hex'));
      children.deriveSecret(peer, '2-tests-1');
      if (other === 0) children.deriveSecret(second, '2-tests-1');
    }
    multiplied.length = 0;
    for (const peer of [second, first]) children.deriveSecret(peer, '2-tests-1');
    expect(multiplied).toEqual([hex(first)]);
    expect(inspect(children, { depth: 9, showHidden: true })).not.toContain(hex(second));
  });

  it('refuse the names and key ids that the SDK refuses, and no others', () => {
    const deriver = new KeyDeriver('anyone');
    const peer = new PrivateKey(7).toPublicKey();
    const parts = fc.constantFrom(
      'a',
      'Z',
      '9',
      ' ',
      '  ',
      '-',
      'é',
      ' protocol',
      'specific linkage revelation ',
      'x'.repeat(200),
    );
    const name = fc.array(parts, { maxLength: 8 }).map((list) => list.join(''));
    const keyId = fc.constantFrom('', 'k', 'k'.repeat(800), 'k'.repeat(801));
    const anyLevel = fc.constantFrom(-1, 0, 1, 2, 3, 1.5, NaN);
    fc.assert(
      fc.property(anyLevel, name, keyId, (given, text, id) => {
        const refused = outcome(() => Buffer.from(writeInvoiceNumber([given, text], id))) === 'refused';
        const sdkRefuses = outcome(() => {
          deriver.derivePublicKey([given as 0, text], id, peer);
          return true;
        });
        expect(refused).toBe(sdkRefuses === 'refused');
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

import { createHash } from 'node:crypto';
import { BigNumber, Point } from '@bsv/sdk';
import fc from 'fast-check';
import type { CryptoBackend, SignatureBatch } from './crypto-backend';
import { CRYPTO_KINDS, listCryptoFaults, liveCrypto, openCrypto } from './open-crypto';

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const ONES = (1n << 256n) - 1n;

liveCrypto();
const unavailable = listCryptoFaults().map(({ kind }) => kind);
const kinds = CRYPTO_KINDS.filter((kind) => !unavailable.includes(kind));
const backends = kinds.map((kind): [string, CryptoBackend] => [kind, openCrypto(kind)]);
for (const { kind, reason } of listCryptoFaults())
  process.stderr.write(`NOT TESTED: the crypto backend ${kind} is not here: ${reason}\n`);

interface Row {
  readonly why: string;
  readonly digest: Buffer;
  readonly signature: Buffer;
  readonly key: Buffer;
  readonly good: boolean;
}

const mod = (value: bigint, by = N): bigint => ((value % by) + by) % by;
const power = (value: bigint, exponent: bigint, by: bigint): bigint => {
  let result = 1n;
  for (let left = exponent, factor = mod(value, by); left > 0n; left >>= 1n, factor = (factor * factor) % by)
    if ((left & 1n) === 1n) result = (result * factor) % by;
  return result;
};
const inverse = (value: bigint): bigint => power(value, N - 2n, N);
const octets = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const bn = (value: bigint): BigNumber => new BigNumber(value.toString(16), 16);
const G = new Point(
  '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
);
const times = (factor: bigint, point = G): Point => point.mul(bn(mod(factor)));
const xOf = (point: Point): bigint => BigInt(`0x${point.getX().toString(16)}`);
const packed = (point: Point): Buffer => Buffer.from(point.encode(true) as number[]);
const whole = (point: Point): Buffer => Buffer.from(point.encode(false) as number[]);
const sum = (a: Point, b: Point): Point => a.add(b);

/** A signature of any key, its secret known or not: R is chosen as aG + bQ, and the digest follows from it. */
const forge = (key: Point, a: bigint, b: bigint): { r: bigint; s: bigint; digest: bigint } => {
  const left = times(b, key);
  const r = mod(xOf(a === 0n ? left : sum(times(a), left)));
  const s = mod(r * inverse(b));
  return { r, s, digest: mod(a * s) };
};
const row = (why: string, good: boolean, digest: bigint, [r, s]: [bigint, bigint], key: Buffer): Row => ({
  why,
  good,
  digest: octets(digest),
  signature: Buffer.concat([octets(r), octets(s)]),
  key,
});

function listRows(): Row[] {
  const key = times(0xabcdef0123456789n);
  const { r, s, digest } = forge(key, 5n, 11n);
  const low = s > N / 2n ? N - s : s;
  const of = (why: string, good: boolean, numbers: [bigint, bigint], bytes = packed(key), message = digest): Row =>
    row(why, good, message, numbers, bytes);
  const edges: [string, bigint][] = [
    ['0', 0n],
    ['the order', N],
    ['the order and one', N + 1n],
    ['all ones', ONES],
  ];
  const prefixed = (first: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([first]), bytes.subarray(1)]);
  const otherHybrid = whole(key)[64]! % 2 === 0 ? 6 : 7;
  return [
    of('low s', true, [r, low]),
    of('high s', true, [r, N - low]),
    of('uncompressed key', true, [r, low], whole(key)),
    of('another digest', false, [r, low], packed(key), digest ^ 1n),
    of('another key', false, [r, low], packed(times(2n))),
    of('the negated key', false, [r, low], prefixed(packed(key)[0]! ^ 1, packed(key))),
    ...edges.flatMap(([name, edge]) => [
      of(`r is ${name}`, false, [edge, low]),
      of(`s is ${name}`, false, [r, edge]),
      of(`r and s are ${name}`, false, [edge, edge]),
    ]),
    ...[0, 1, 4, 5, 6, 7, 255].map((first) =>
      of(`33 octets beginning with ${first}`, false, [r, low], prefixed(first, packed(key))),
    ),
    ...[0, 2, 3, 5, 255].map((first) =>
      of(`65 octets beginning with ${first}`, false, [r, low], prefixed(first, whole(key))),
    ),
    of('the hybrid spelling of the key', false, [r, low], prefixed(otherHybrid, whole(key))),
    of('the hybrid spelling of its negation', false, [r, low], prefixed(otherHybrid ^ 1, whole(key))),
    ...[0, 1, 32, 34, 64, 66].map((length) =>
      of(`a key of ${length} octets`, false, [r, low], Buffer.concat([whole(key), whole(key)]).subarray(0, length)),
    ),
    of('x off the curve', false, [r, low], Buffer.concat([Buffer.from([2]), octets(5n)])),
    of('y off the curve', false, [r, low], Buffer.concat([whole(key).subarray(0, 33), octets(1n)])),
    of('the point 0, 0', false, [r, low], prefixed(4, Buffer.alloc(65))),
    of('x of all ones', false, [r, low], prefixed(2, Buffer.alloc(33, 255))),
  ];
}

/** What the curve does at its corners, and where implementations have been wrong. */
function listCorners(): Row[] {
  const made = (why: string, key: Point, a: bigint, b: bigint): Row => {
    const { r, s, digest } = forge(key, a, b);
    return row(why, true, digest, [r, s], packed(key));
  };
  // x = 1 lies on the curve; x = 1 + p is the same number and another spelling.
  const small = Point.fromX(bn(1n), false);
  const spelled = forge(small, 3n, 9n);
  // R whose x lies between the order and the field: r is what is left of it.
  let beyond = N;
  const isOnCurve = (x: bigint): boolean => power(x ** 3n + 7n, (P - 1n) / 2n, P) === 1n;
  while (!isOnCurve(beyond)) beyond += 1n;
  const R = Point.fromX(bn(beyond), false);
  const rest = beyond - N;
  const wrapped = sum(times(77n, R), times(N - 55n));
  const ofWrapped = packed(times(inverse(rest), wrapped));
  const secret = 0x1234567n;
  return [
    made('the digest 0', times(99n), 0n, 7n),
    made('the key is the generator', G, 3n, 4n),
    made('the key is its negation', times(N - 1n), 3n, 4n),
    made('both halves are one point', times(6n), 12n, 2n),
    row('both halves cancel out', false, mod(-1000n * secret), [1000n, 77n], packed(times(secret))),
    row('x of the key beyond the field', false, spelled.digest, [spelled.r, spelled.s], prefix(2, octets(P + 1n))),
    row('the same x in its spelling', true, spelled.digest, [spelled.r, spelled.s], prefix(2, octets(1n))),
    row('x of R beyond the order', rest > 0n, 55n, [rest, 77n], ofWrapped),
    row('r of it not reduced', false, 55n, [beyond, 77n], ofWrapped),
    ...[ONES, N, N - 1n].map((digest) => {
      const s = mod(inverse(2n) * (mod(digest) + xOf(times(2n)) * secret));
      return row(`the digest ${digest.toString(16)}`, true, digest, [mod(xOf(times(2n))), s], packed(times(secret)));
    }),
  ];
}
const prefix = (first: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([first]), bytes]);

function batchOf(rows: readonly Pick<Row, 'digest' | 'signature' | 'key'>[]): SignatureBatch {
  let at = 0;
  const spans = rows.flatMap(({ key }) => [at, (at += key.length)]);
  return {
    count: rows.length,
    digests: Uint8Array.from(Buffer.concat(rows.map(({ digest }) => digest))),
    signatures: Uint8Array.from(Buffer.concat(rows.map(({ signature }) => signature))),
    keyBytes: Uint8Array.from(Buffer.concat(rows.map(({ key }) => key))),
    keySpans: Uint32Array.from(spans),
    verdicts: new Uint8Array(rows.length).fill(7),
  };
}
const judge = (backend: CryptoBackend, batch: SignatureBatch): number[] => {
  const verdicts = new Uint8Array(batch.verdicts.length).fill(7);
  backend.verifyBatch({ ...batch, verdicts });
  return [...verdicts];
};

const rows = [...listRows(), ...listCorners()];
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const hash160 = (bytes: Uint8Array): Buffer => createHash('ripemd160').update(sha256(bytes)).digest();

describe.each(backends)('the crypto backend %s', (_kind, backend) => {
  it('judges every known case as the curve does', () => {
    const verdicts = judge(backend, batchOf(rows));
    const wrong = rows.filter(({ good }, at) => verdicts[at] !== Number(good));
    expect(wrong.map(({ why }) => why)).toEqual([]);
  });

  it('judges each row by itself, whatever stands before it', () => {
    const repeated = [...rows, ...rows.toReversed()].flatMap((each) => [rows[0]!, each, each]);
    expect(judge(backend, batchOf(repeated))).toEqual(repeated.map(({ good }) => Number(good)));
  }, 60_000);

  it('takes an empty batch', () => {
    expect(judge(backend, batchOf([]))).toEqual([]);
    expect(() => backend.sha256dSpans(new Uint8Array(), new Uint32Array(), 0, new Uint8Array())).not.toThrow();
    expect(() => backend.hashPairs(new Uint8Array(), new Uint32Array(), 0)).not.toThrow();
  });

  it('refuses a batch that is shorter than it says, and writes no verdict', () => {
    const good = batchOf(rows.slice(0, 3));
    const bad: Partial<SignatureBatch>[] = [
      { count: 4 },
      { count: -1 },
      { count: 1.5 },
      { count: NaN },
      { count: 2 ** 32 },
      { digests: good.digests.subarray(1) },
      { signatures: good.signatures.subarray(1) },
      { keyBytes: good.keyBytes.subarray(1) },
      { keySpans: good.keySpans.subarray(1) },
      { keySpans: new Uint32Array([0, 33, 33, 66, 67, 66]) },
      { keySpans: new Uint32Array([0, 33, 33, 66, 0xffff_ffff, 0xffff_ffff]) },
    ];
    for (const change of bad) {
      expect(() => backend.verifyBatch({ ...good, ...change })).toThrow(/^crypto: /u);
    }
    expect(() => backend.verifyBatch({ ...good, verdicts: new Uint8Array(2) })).toThrow(/^crypto: /u);
    expect([...good.verdicts]).toEqual([7, 7, 7]);
  });

  it('refuses spans, outputs and nodes out of range, and writes no digest', () => {
    const bytes = new Uint8Array(100);
    const out = new Uint8Array(64).fill(7);
    type Hash = CryptoBackend['sha256dSpans'];
    const sha256d: Hash = (...given) => backend.sha256dSpans(...given);
    const short: Hash = (...given) => backend.hash160Spans(...given);
    for (const hash of [sha256d, short]) {
      for (const spans of [[0, 101], [2, 1], [101, 101], [0], [0xffff_ffff, 0xffff_ffff]])
        expect(() => hash(bytes, new Uint32Array(spans), 1, out)).toThrow(/^crypto: /u);
      expect(() => hash(bytes, new Uint32Array([0, 1, 0, 101]), 2, out)).toThrow(/^crypto: /u);
      expect(() => hash(bytes, new Uint32Array([0, 1]), 1, out.subarray(0, 19))).toThrow(/^crypto: /u);
      expect(() => hash(bytes, new Uint32Array([0, 1]), -1, out)).toThrow(/^crypto: /u);
    }
    for (const triple of [
      [0, 1, 3],
      [0, 3, 1],
      [3, 0, 1],
      [0, 1],
      [0xffff_ffff, 0, 0],
    ])
      expect(() => backend.hashPairs(bytes.fill(7), new Uint32Array(triple), 1)).toThrow(/^crypto: /u);
    expect(out.every((octet) => octet === 7) && bytes.every((octet) => octet === 7)).toBe(true);
  });

  it('hashes any spans as node:crypto does', () => {
    const span = fc.tuple(fc.nat(700), fc.nat(700)).map((ends) => ends.sort((a, b) => a - b));
    const bytes = fc.uint8Array({ minLength: 700, maxLength: 700 });
    fc.assert(
      fc.property(bytes, fc.array(span, { maxLength: 20 }), (arena, spans) => {
        const flat = Uint32Array.from(spans.flat());
        const double = new Uint8Array(32 * spans.length);
        const short = new Uint8Array(20 * spans.length);
        backend.sha256dSpans(arena, flat, spans.length, double);
        backend.hash160Spans(arena, flat, spans.length, short);
        const parts = spans.map(([start, end]) => arena.subarray(start, end));
        expect(Buffer.from(double)).toEqual(Buffer.concat(parts.map((part) => sha256(sha256(part)))));
        expect(Buffer.from(short)).toEqual(Buffer.concat(parts.map(hash160)));
      }),
      { numRuns: 50 },
    );
  });

  it('hashes at every length around the blocks of SHA-256', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at);
    const spans = Uint32Array.from({ length: 600 }, (_, at) => (at % 2 === 0 ? 0 : (at - 1) / 2));
    const out = new Uint8Array(32 * 300);
    backend.sha256dSpans(bytes, spans, 300, out);
    const wanted = Array.from({ length: 300 }, (_, length) => sha256(sha256(bytes.subarray(0, length))));
    expect(Buffer.from(out)).toEqual(Buffer.concat(wanted));
  });

  it('folds pairs in order, each seeing what was written before it, also over itself', () => {
    const triple = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 330, maxLength: 330 }),
        fc.array(triple, { maxLength: 30 }),
        (from, list) => {
          const nodes = Uint8Array.from(from);
          const expected = Uint8Array.from(from);
          const node = (at: number): Uint8Array => expected.subarray(32 * at, 32 * at + 32);
          for (const [left, right, target] of list)
            expected.set(sha256(sha256(Buffer.concat([node(left), node(right)]))), 32 * target);
          backend.hashPairs(nodes, Uint32Array.from(list.flat()), list.length);
          expect(nodes).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });
});

it('gives the same verdicts by every backend over random damage', () => {
  const damage = fc.record({
    at: fc.nat(rows.length - 1),
    where: fc.constantFrom('digest', 'signature', 'key', 'none'),
    bit: fc.nat(520),
  });
  const spoil = (bytes: Buffer, bit: number): Buffer => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[(bit >> 3) % copy.length]! ^= 1 << (bit & 7);
    return copy;
  };
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 8 }), (list) => {
      const damaged = list.map(({ at, where, bit }) => {
        const { digest, signature, key } = rows[at]!;
        const part = (name: string, bytes: Buffer): Buffer => (name === where ? spoil(bytes, bit) : bytes);
        return { digest: part('digest', digest), signature: part('signature', signature), key: part('key', key) };
      });
      const batch = batchOf(damaged);
      const [first, ...others] = backends.map(([, backend]) => judge(backend, batch));
      for (const other of others) expect(other).toEqual(first);
    }),
    { numRuns: 100 },
  );
}, 60_000);

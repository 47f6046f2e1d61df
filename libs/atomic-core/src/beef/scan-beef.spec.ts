import { buildAtomicBeef, buildBeefV1, buildBeefV2, buildBlock, buildFunding, buildTransaction, uint } from '#testkit';
import { judgeBeef, varint, verdictOf } from '#testkit';
import { TRANSACTION_ROW, TX_BUMP, TX_END, TX_START, countTransactions } from './beef-tape';
import { scanBeef } from './scan-beef';

const funding = buildFunding([{ satoshis: 1_000 }]);
const child = buildTransaction({ inputs: [{ txid: funding.txid }], outputs: [{ satoshis: 1_000 }] });
const block = buildBlock(900_000, [funding, buildFunding([{ satoshis: 1 }], 1)]);
const elsewhere = buildBlock(899_999, [buildFunding([{ satoshis: 2 }], 2), buildFunding([{ satoshis: 3 }], 3)]);
const entries = [{ raw: funding.raw, bumpIndex: 0 }, { raw: child.raw }];

const scan = (beef: Uint8Array) => verdictOf(scanBeef(beef));
const judge = (beef: Uint8Array) => verdictOf(judgeBeef(beef, () => true));
const replaceByte = (bytes: Uint8Array, position: number, value: number): Buffer => {
  const replaced = Buffer.from(bytes);
  replaced[position] = value;
  return replaced;
};

describe('scanBeef', () => {
  it('finds the same stretches in every version', () => {
    const spansOf = (beef: Uint8Array) => {
      const scanned = scanBeef(beef);
      if (!scanned.ok) throw new Error(scanned.rejection.detail);
      const { kind, atomicSubject, tape } = scanned.value;
      const at = [...Array(countTransactions(tape)).keys()].map((row) => row * TRANSACTION_ROW);
      const raws = at.map((row) =>
        Buffer.from(tape.bytes.subarray(tape.transactions[row + TX_START], tape.transactions[row + TX_END])),
      );
      return { kind, atomicSubject, raws, proven: at.map((row) => tape.transactions[row + TX_BUMP]) };
    };
    const same = { raws: [funding.raw, child.raw], proven: [1, 0] };
    const v1 = buildBeefV1([block.bump(0)], entries);
    expect(spansOf(v1)).toEqual({ kind: 'V1', atomicSubject: undefined, ...same });
    expect(spansOf(buildBeefV2([block.bump(0)], entries))).toEqual({ kind: 'V2', atomicSubject: undefined, ...same });
    expect(spansOf(buildAtomicBeef(child.txid, v1))).toEqual({ kind: 'Atomic', atomicSubject: child.txid, ...same });
  });

  it('tolerates a BUMP that no transaction uses, as stock wallets send them', () => {
    expect(judge(buildBeefV2([block.bump(0), elsewhere.bump(1)], entries))).toBe('accepted');
  });

  it.each([
    [
      'a BUMP index past the last',
      buildBeefV2([block.bump(0)], [{ raw: funding.raw, bumpIndex: 1 }]),
      'beef-malformed',
    ],
    ['no transaction', buildBeefV2([], []), 'beef-subject-missing'],
    ['nothing', Buffer.alloc(0), 'beef-truncated'],
    ['another magic', replaceByte(buildBeefV2([block.bump(0)], entries), 0, 3), 'beef-malformed'],
    ['Atomic in Atomic', buildAtomicBeef(child.txid, buildAtomicBeef(child.txid, Buffer.alloc(99))), 'beef-malformed'],
    [
      'a byte behind the end',
      Buffer.concat([buildBeefV1([block.bump(0)], entries), uint(0, 1)]),
      'beef-trailing-bytes',
    ],
  ])('refuses %s', (_what, beef, code) => expect(scan(beef)).toBe(code));

  it('takes 0 and 1 alone for a has-BUMP byte of V1, and 0 to 2 for a format byte of V2', () => {
    const v1 = buildBeefV1([block.bump(0)], entries);
    expect(scan(replaceByte(v1, v1.length - 1, 2))).toBe('beef-malformed');
    const v2 = buildBeefV2([], [{ raw: child.raw }]);
    expect(scan(replaceByte(v2, 6, 3))).toBe('beef-malformed');
    expect(scan(replaceByte(v2, 6, 2))).toBe('beef-txid-only');
  });

  it('refuses a BUMP without a level and one with more levels than offsets can have', () => {
    const withTreeHeight = (treeHeight: number) => {
      const bump = replaceByte(block.bump(0), varint(block.height).length, treeHeight);
      return buildBeefV2([bump], entries);
    };
    for (const treeHeight of [0, 32, 255]) expect(scan(withTreeHeight(treeHeight))).toBe('bump-malformed');
  });
});

describe('flags of a BUMP', () => {
  /** One level, two leaves; `flags` of the second. */
  const bumpWith = (flags: number, second: Uint8Array): Buffer => {
    const hash = (raw: { txid: string }) => Buffer.from(raw.txid, 'hex').reverse();
    const first = Buffer.concat([varint(0), uint(2, 1), hash(funding)]);
    return Buffer.concat([varint(900_000), uint(1, 1), varint(2), first, varint(1), uint(flags, 1), second]);
  };
  const other = Buffer.alloc(32, 0xcd);

  it('are 0 to 2 at the lowest level: a stray one is refused, whatever hash follows it', () => {
    expect(judge(buildBeefV2([bumpWith(0, other)], entries))).toBe('accepted');
    for (const flags of [3, 4, 0x80, 0xff])
      expect(judge(buildBeefV2([bumpWith(flags, other)], entries))).toBe('bump-malformed');
  });

  it('may not name a sibling that the BEEF lacks: one BUMP would have two encodings', () => {
    expect(judge(buildBeefV2([bumpWith(2, other)], entries))).toBe('beef-not-canonical');
  });
});

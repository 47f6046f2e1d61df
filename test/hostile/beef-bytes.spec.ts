import { type RejectionCode, type Txid, limits, scanBeef } from '#atomic-core';
import {
  type BeefEntry,
  buildAtomicBeef,
  buildBeefV1,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  findAcceptedDamage,
  judgeBeef,
  uint,
  varint,
  verdictOf,
} from '#testkit';
import { Beef, MerklePath, P2PKH, PrivateKey, Spend, Transaction } from '@bsv/sdk';
import { assert, array, integer, nat, property, record } from 'fast-check';

/** RELIABILITY §7, H1, H2, H5 to H9, H12: bytes that are made to cost, at merge size. */

const anyRoot = (): boolean => true;
const judge = (beef: Uint8Array) => verdictOf(judgeBeef(beef, anyRoot));

const funding = buildFunding([{ satoshis: 100_000 }, { satoshis: 1_000 }]);
const block = buildBlock(900_000, [buildCoinbase(1), funding]);
const proven: BeefEntry = { raw: funding.raw, bumpIndex: 0 };
const pay = (txid: Txid, satoshis = 100_000) => buildTransaction({ inputs: [{ txid }], outputs: [{ satoshis }] });

const chainOf = (length: number): Buffer => {
  const entries = [proven];
  let parent = funding;
  while (entries.length < length) {
    parent = pay(parent.txid);
    entries.push({ raw: parent.raw });
  }
  return buildBeefV2([block.bump(1)], entries);
};

describe('H1: counts larger than the bytes that are left', () => {
  const head = Buffer.concat([uint(1, 4), varint(1), Buffer.alloc(36)]);
  const huge = ['fdffff', 'feffffffff', 'ffffffffffffffff7f'].map((hex) => Buffer.from(hex, 'hex'));
  const bodies = huge.flatMap((count): [string, Buffer, Buffer][] => [
    ['BUMPs', count, count],
    ['transactions', Buffer.concat([varint(0), count]), Buffer.concat([varint(0), count])],
    [
      'nodes of a BUMP',
      Buffer.concat([varint(1), varint(5), uint(1, 1), count]),
      Buffer.concat([varint(1), varint(5), uint(1, 1), count]),
    ],
    ...[
      Buffer.concat([uint(1, 4), count]),
      Buffer.concat([head, count]),
      Buffer.concat([head, varint(0), uint(0, 4), count]),
    ].map((raw): [string, Buffer, Buffer] => [
      'inputs, script bytes, outputs',
      Buffer.concat([varint(0), varint(1), raw, Buffer.alloc(12)]),
      Buffer.concat([varint(0), varint(1), uint(0, 1), raw, Buffer.alloc(12)]),
    ]),
  ]);
  const cases = bodies.flatMap(([what, v1, v2]): [string, Buffer][] => [
    [`V1 ${what}`, Buffer.concat([Buffer.from('0100beef', 'hex'), v1])],
    [`V2 ${what}`, Buffer.concat([Buffer.from('0200beef', 'hex'), v2])],
    [`Atomic ${what}`, buildAtomicBeef(funding.txid, Buffer.concat([Buffer.from('0200beef', 'hex'), v2]))],
  ]);

  it('are refused by the scan, and the SDK is never reached', () => {
    const doors = [
      jest.spyOn(Beef, 'fromBinary'),
      jest.spyOn(Transaction, 'fromBEEF'),
      jest.spyOn(MerklePath, 'fromReader'),
      jest.spyOn(Spend.prototype, 'validate'),
    ];
    for (const [what, bomb] of cases) expect([what, verdictOf(scanBeef(bomb))]).toEqual([what, 'beef-truncated']);
    for (const door of doors) expect(door).not.toHaveBeenCalled();
    for (const door of doors) door.mockRestore();
    expect(cases.length).toBe(54);
  });
});

describe('H2: wide and many BUMPs', () => {
  const wideBlock = (leaves: number) =>
    buildBlock(
      900_000,
      Array.from({ length: leaves }, (_, index) => (index === 0 ? funding : buildFunding([{ satoshis: 1 }], index))),
    );
  const all = (leaves: number): number[] => Array.from({ length: leaves }, (_, index) => index);
  const beefWith = (...bumps: Uint8Array[]): Buffer => buildBeefV2(bumps, [proven]);

  it.each([
    ['2,049 nodes at a level', () => beefWith(wideBlock(2_049).bump(...all(2_049))), 'beef-limit-exceeded'],
    ['1,001 BUMPs', () => beefWith(...Array.from({ length: 1_001 }, () => block.bump(1))), 'beef-limit-exceeded'],
    [
      'a tree of 32 levels',
      () => beefWith(Buffer.concat([varint(5), uint(32, 1), Buffer.alloc(200)])),
      'bump-malformed',
    ],
    ['a tree of no level', () => beefWith(Buffer.concat([varint(5), uint(0, 1), Buffer.alloc(200)])), 'bump-malformed'],
  ] as const)('%s are refused', (_what, build, code) => expect(judge(build())).toBe(code));

  it('the 73 KB BUMP that takes the SDK 52 s grows with its bytes, not with their square', () => {
    const flags = (leaves: number): Uint8Array => wideBlock(leaves).bump(...all(leaves));
    expect(growth((leaves) => beefWith(flags(leaves)), 256, 2_048)).toBeLessThan(8 * 3);
  });
});

/** How much longer the judge takes over the larger input: the best of some runs each, so that a busy machine does not decide. */
const growth = (build: (size: number) => Uint8Array, small: number, large: number): number => {
  const best = (beef: Uint8Array): number => {
    const runs = Array.from({ length: 7 }, () => {
      const start = process.hrtime.bigint();
      judgeBeef(beef, anyRoot);
      return Number(process.hrtime.bigint() - start);
    });
    return Math.min(...runs);
  };
  // The first runs are the compiler's, not the engine's.
  for (let run = 0; run < 30; run++) judgeBeef(build(small), anyRoot);
  return best(build(large)) / best(build(small));
};

describe('H5: ancestry', () => {
  it.each([1_001, 5_000, 20_000])('of %i transactions is refused', (length) =>
    expect(judge(chainOf(length))).toBe('beef-limit-exceeded'),
  );
  it('of 1,000 costs what its length costs', () => expect(growth(chainOf, 125, 1_000)).toBeLessThan(8 * 3));
});

describe('H6: graphs that do not hold together', () => {
  const child = pay(funding.txid);
  const bump = block.bump(1);
  const cases: [string, Buffer, RejectionCode][] = [
    ['a parent that is not there', buildBeefV2([], [{ raw: child.raw }]), 'beef-parent-missing'],
    [
      'a child before its parent',
      buildBeefV1([], [{ raw: pay(child.txid).raw }, { raw: child.raw }]),
      'beef-order-invalid',
    ],
    ['a transaction twice', buildBeefV2([bump], [proven, proven]), 'beef-duplicate-transaction'],
    ['a subject that is not there', buildAtomicBeef(child.txid, buildBeefV2([bump], [proven])), 'beef-subject-missing'],
    ['no transaction', buildBeefV2([bump], []), 'beef-subject-missing'],
    ['a BUMP that is not there', buildBeefV1([bump], [{ raw: funding.raw, bumpIndex: 1 }]), 'beef-malformed'],
    [
      'a BUMP of another transaction',
      buildBeefV1([bump], [{ raw: child.raw, bumpIndex: 0 }]),
      'bump-transaction-missing',
    ],
    [
      'Atomic within Atomic',
      buildAtomicBeef(child.txid, buildAtomicBeef(child.txid, buildBeefV2([bump], [proven]))),
      'beef-malformed',
    ],
    ['another magic', Buffer.from('0300beef0000', 'hex'), 'beef-malformed'],
    ['nothing', Buffer.alloc(0), 'beef-truncated'],
  ];
  it.each(cases)('%s', (_what, beef, code) => expect(judge(beef)).toBe(code));

  it('a transaction id in place of a transaction', () => {
    const txidOnly = Buffer.concat([
      Buffer.from('0200beef0002', 'hex'),
      uint(2, 1),
      Buffer.alloc(32, 7),
      uint(0, 1),
      child.raw,
    ]);
    expect(judge(txidOnly)).toBe('beef-txid-only');
  });
});

describe('H7: wide transactions', () => {
  const inputs = (count: number) => Array.from({ length: count }, (_, vout) => ({ txid: funding.txid, vout }));
  const wide = (count: number) =>
    buildBeefV2(
      [block.bump(1)],
      [proven, { raw: buildTransaction({ inputs: inputs(count), outputs: [{ satoshis: 1 }] }).raw }],
    );
  const tall = (count: number) =>
    buildBeefV2(
      [block.bump(1)],
      [
        proven,
        {
          raw: buildTransaction({ inputs: inputs(1), outputs: Array.from({ length: count }, () => ({ satoshis: 1 })) })
            .raw,
        },
      ],
    );

  it('has its limit at 2,000 inputs and 2,000 outputs', () => {
    expect([2_001, 100_000].map((count) => judge(wide(count)))).toEqual(['beef-limit-exceeded', 'beef-limit-exceeded']);
    expect(judge(wide(2_000))).toBe('transaction-output-unknown');
    expect([2_000, 2_001].map((count) => judge(tall(count)))).toEqual(['accepted', 'beef-limit-exceeded']);
    expect(judge(Buffer.concat([chainOf(2), Buffer.alloc(limits.BEEF_BYTES_MAX)]))).toBe('beef-limit-exceeded');
  });
});

describe('H8, H9: value', () => {
  it('never grows, whatever graph is drawn', () => {
    const step = record({
      parents: array(nat(30), { minLength: 1, maxLength: 3 }),
      paid: array(integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 3 }),
    });
    assert(
      property(array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const coins = [
          { txid: funding.txid, vout: 0 },
          { txid: funding.txid, vout: 1 },
        ];
        const entries = [proven];
        for (const { parents, paid } of steps) {
          const made = buildTransaction({
            inputs: parents.map((each) => coins[each % coins.length] as { txid: Txid; vout: number }),
            outputs: paid.map((satoshis) => ({ satoshis })),
          });
          entries.push({ raw: made.raw });
          coins.push(...paid.map((_, vout) => ({ txid: made.txid, vout })));
        }
        const verified = judgeBeef(buildBeefV2([block.bump(1)], entries), anyRoot);
        if (!verified.ok) return true;
        const spent = new Set(
          verified.value.transactions.flatMap(({ bump, inputs }) =>
            bump ? [] : inputs.map(({ parentTxid, parentVout }) => `${parentTxid}.${parentVout}`),
          ),
        );
        const left = verified.value.transactions.flatMap(({ txid, outputs }) =>
          outputs.filter((_, vout) => !spent.has(`${txid}.${vout}`)),
        );
        return left.reduce((sum, { satoshis }) => sum + satoshis, 0) <= 101_000;
      }),
      { numRuns: 300 },
    );
  });
});

describe('H12: damage to good BEEFs of signed transactions', () => {
  const key = PrivateKey.fromRandom();
  const template = new P2PKH();
  const lock = template.lock(key.toPublicKey().toHash());
  const owned = buildFunding([{ satoshis: 900, script: lock.toUint8Array() }]);
  const bump = buildBlock(900_001, [buildCoinbase(2), owned]).bump(1);

  const buildSigned = async (): Promise<{ raw: Buffer; txid: Txid }> => {
    const transaction = new Transaction();
    transaction.addInput({
      sourceTransaction: Transaction.fromBinary([...owned.raw]),
      sourceOutputIndex: 0,
      unlockingScriptTemplate: template.unlock(key),
    });
    transaction.addOutput({ satoshis: 800, lockingScript: lock });
    await transaction.sign();
    return { raw: Buffer.from(transaction.toBinary()), txid: transaction.id('hex') as Txid };
  };

  it.each(['V1', 'V2', 'Atomic'] as const)(
    'every bit flip and every prefix of %s is refused',
    async (kind) => {
      const signed = await buildSigned();
      const entries = [{ raw: owned.raw, bumpIndex: 0 }, { raw: signed.raw }];
      const v2 = buildBeefV2([bump], entries);
      const beef = kind === 'V1' ? buildBeefV1([bump], entries) : kind === 'V2' ? v2 : buildAtomicBeef(signed.txid, v2);
      const block1 = buildBlock(900_001, [buildCoinbase(2), owned]);
      const isRoot = (height: number, root: string): boolean => height === block1.height && root === block1.root;
      expect(verdictOf(judgeBeef(beef, isRoot))).toBe('accepted');
      expect(findAcceptedDamage(beef, isRoot)).toEqual([]);
    },
    60_000,
  );
});

import {
  type BeefEntry,
  NULL_TXID,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  judgeBeef,
  verdictOf,
} from '#testkit';
import {
  Beef,
  type ChainTracker,
  Hash,
  P2PKH,
  PrivateKey,
  Transaction,
  TransactionSignature,
  UnlockingScript,
} from '@bsv/sdk';

/** The defects of the SDK's rules (PROTOCOLS B5 to B11, B13): for each what @bsv/sdk 2.1.0 answers, and what the core answers. B14 is `BHServiceClient` of
 * wallet-toolbox, which caches any root it was asked about; nothing here uses it, and headers are our own (src/chain). */

const TIP = 900_200;
const CONTEXT = { tipHeight: TIP, medianTimePast: 1_795_000_000 };
const everyRoot: ChainTracker = { isValidRootForHeight: async () => true, currentHeight: async () => TIP };
const noRoot: ChainTracker = { isValidRootForHeight: async () => false, currentHeight: async () => TIP };

const judge = (beef: Uint8Array, isRoot = () => true) => verdictOf(judgeBeef(beef, isRoot, CONTEXT));
const sdkVerify = (beef: Uint8Array, tracker = everyRoot): Promise<boolean> =>
  Transaction.fromBEEF([...beef]).verify(tracker);

const funding = buildFunding([{ satoshis: 10_000 }, { satoshis: 10_000 }]);
const block = buildBlock(900_000, [buildCoinbase(1), funding]);
const proven: BeefEntry = { raw: funding.raw, bumpIndex: 0 };
const beefOf = (...raws: { readonly raw: Buffer }[]): Buffer =>
  buildBeefV2([block.bump(1)], [proven, ...raws.map(({ raw }) => ({ raw }))]);
const coin = { txid: funding.txid };

it('B5: one outpoint spent twice in one transaction', async () => {
  const beef = beefOf(buildTransaction({ inputs: [coin, coin], outputs: [{ satoshis: 19_000 }] }));
  expect(await sdkVerify(beef)).toBe(true);
  expect(judge(beef)).toBe('transaction-double-spend');
});

it('B6: two ancestors that spend the same outpoint', async () => {
  const left = buildTransaction({ inputs: [coin], outputs: [{ satoshis: 9_000 }] });
  const right = buildTransaction({ inputs: [coin], outputs: [{ satoshis: 8_000 }] });
  const beef = beefOf(
    left,
    right,
    buildTransaction({ inputs: [{ txid: left.txid }, { txid: right.txid }], outputs: [{ satoshis: 17_000 }] }),
  );
  expect(await sdkVerify(beef)).toBe(true);
  expect(judge(beef)).toBe('transaction-double-spend');
});

it('B7: a transaction without inputs anchors a child in nothing', async () => {
  const nothing = buildTransaction({ inputs: [], outputs: [{ satoshis: 0 }] });
  const beef = buildBeefV2(
    [],
    [
      { raw: nothing.raw },
      { raw: buildTransaction({ inputs: [{ txid: nothing.txid }], outputs: [{ satoshis: 0 }] }).raw },
    ],
  );
  expect(await sdkVerify(beef, noRoot)).toBe(true);
  expect(judge(beef)).toBe('transaction-input-missing');
});

describe('B8: Beef.verify looks at roots only', () => {
  const key = PrivateKey.fromRandom();
  const locked = buildFunding([{ satoshis: 500, script: new P2PKH().lock(key.toPublicKey().toHash()).toUint8Array() }]);
  const lockedBlock = buildBlock(900_001, [buildCoinbase(2), locked]);
  const beefWith = (script: Uint8Array, satoshis: number): Buffer => {
    const subject = buildTransaction({ inputs: [{ txid: locked.txid, script }], outputs: [{ satoshis }] });
    return buildBeefV2([lockedBlock.bump(1)], [{ raw: locked.raw, bumpIndex: 0 }, { raw: subject.raw }]);
  };

  it('and takes a bogus unlocking script', async () => {
    const beef = beefWith(Buffer.from('0151', 'hex'), 500);
    expect(await Beef.fromBinary([...beef]).verify(everyRoot)).toBe(true);
    expect(judge(beef)).toBe('transaction-script-failed');
  });

  it('and takes more satoshis out than in', async () => {
    const beef = beefWith(Buffer.from('0151', 'hex'), 501);
    expect(await Beef.fromBinary([...beef]).verify(everyRoot)).toBe(true);
    expect(judge(beef)).toBe('transaction-inflates');
  });
});

describe('B9: coinbase maturity', () => {
  const spendCoinbase = (height: number): Buffer => {
    const coinbase = buildCoinbase(5_000);
    const bump = buildBlock(height, [coinbase, funding]).bump(0);
    const subject = buildTransaction({ inputs: [{ txid: coinbase.txid }], outputs: [{ satoshis: 5_000 }] });
    return buildBeefV2([bump], [{ raw: coinbase.raw, bumpIndex: 0 }, { raw: subject.raw }]);
  };

  it('is the wrong way round in the SDK: it takes young coins and refuses old ones', async () => {
    expect(await sdkVerify(spendCoinbase(TIP - 50))).toBe(true);
    await expect(sdkVerify(spendCoinbase(TIP - 100_000))).rejects.toThrow('Invalid merkle path');
  });

  it('is 100 blocks here, counted to the block that could hold the spend', () => {
    expect(judge(spendCoinbase(TIP - 50))).toBe('coinbase-immature');
    expect(judge(spendCoinbase(TIP + 1 - 99))).toBe('coinbase-immature');
    expect(judge(spendCoinbase(TIP + 1 - 100))).toBe('accepted');
    expect(judge(spendCoinbase(TIP + 1 - 101))).toBe('accepted');
    expect(judge(spendCoinbase(TIP - 100_000))).toBe('accepted');
  });

  it('holds for any transaction at offset 0 in the SDK, for coinbases only here', () => {
    const alone = buildBlock(TIP - 50, [funding]);
    const subject = buildTransaction({ inputs: [coin], outputs: [{ satoshis: 1 }] });
    expect(judge(buildBeefV2([alone.bump(0)], [proven, { raw: subject.raw }]))).toBe('accepted');
  });

  it('cannot be passed by a coinbase that does not stand first in its block', () => {
    const coinbase = buildCoinbase(5_000);
    const bump = buildBlock(900_000, [funding, coinbase]).bump(1);
    expect(judge(buildBeefV2([bump], [{ raw: coinbase.raw, bumpIndex: 0 }]))).toBe('bump-malformed');
  });

  it('is not for coinbases without a proof: those have no parent', () => {
    expect(judge(buildBeefV2([], [{ raw: buildCoinbase(5_000).raw }]))).toBe('beef-parent-missing');
  });
});

describe('B10: what the SDK does not look at', () => {
  const pay = (satoshis: number | bigint, lockTime = 0, sequence = 0xffffffff) =>
    beefOf(buildTransaction({ inputs: [{ ...coin, sequence }], outputs: [{ satoshis }], lockTime }));

  it('a transaction that is not final', async () => {
    const beef = pay(1, 4_000_000_000, 0);
    expect(await sdkVerify(beef)).toBe(true);
    expect(judge(beef)).toBe('transaction-not-final');
  });

  it.each([
    ['a height below the next block', TIP, 0, 'accepted'],
    ['the height of the next block', TIP + 1, 0, 'transaction-not-final'],
    ['the height of the next block, with final sequences', TIP + 1, 0xffffffff, 'accepted'],
    ['a time before the median time past', CONTEXT.medianTimePast - 1, 0, 'accepted'],
    ['the median time past', CONTEXT.medianTimePast, 0, 'transaction-not-final'],
  ] as const)('locked until %s', (_what, lockTime, sequence, verdict) =>
    expect(judge(pay(1, lockTime, sequence))).toBe(verdict),
  );

  it('a value above 21e14', async () => {
    const excess = buildFunding([{ satoshis: 2_200_000_000_000_000n }]);
    const subject = buildTransaction({
      inputs: [{ txid: excess.txid }],
      outputs: [{ satoshis: 2_200_000_000_000_000n }],
    });
    const bump = buildBlock(900_000, [buildCoinbase(1), excess]).bump(1);
    const beef = buildBeefV2([bump], [{ raw: excess.raw, bumpIndex: 0 }, { raw: subject.raw }]);
    expect(await sdkVerify(beef)).toBe(true);
    expect(judge(beef)).toBe('transaction-value-invalid');
  });

  it.each([2_100_000_000_000_001n, 2n ** 53n + 1n, 2n ** 64n - 1n])('a value of %s', (satoshis) => {
    expect(judge(pay(satoshis))).toBe('transaction-value-invalid');
  });

  it('a transaction without outputs', async () => {
    const beef = beefOf(buildTransaction({ inputs: [coin], outputs: [] }));
    expect(await sdkVerify(beef)).toBe(true);
    expect(judge(beef)).toBe('transaction-output-missing');
  });

  it('a vout that the parent does not have (a TypeError in the SDK)', async () => {
    const beef = beefOf(buildTransaction({ inputs: [{ ...coin, vout: 2 }], outputs: [{ satoshis: 1 }] }));
    await expect(sdkVerify(beef)).rejects.toThrow(TypeError);
    expect(judge(beef)).toBe('transaction-output-unknown');
  });
});

describe('B11: proofs that confuse leaves and inner nodes', () => {
  const small = buildTransaction({
    inputs: [{ txid: NULL_TXID }],
    outputs: [{ satoshis: 1, script: Buffer.from('51515151', 'hex') }],
  });

  it('a proven transaction of 64 bytes', async () => {
    const beef = buildBeefV2([buildBlock(900_000, [funding, small]).bump(1)], [{ raw: small.raw, bumpIndex: 0 }]);
    expect(small.raw.length).toBe(64);
    expect(await sdkVerify(beef)).toBe(true);
    expect(judge(beef)).toBe('transaction-leaf-ambiguous');
  });

  it('two paths of different length in one block', async () => {
    const other = buildFunding([{ satoshis: 3 }], 3);
    const deeper = buildBlock(900_000, [buildCoinbase(1), funding, other]);
    const subject = buildTransaction({ inputs: [coin, { txid: other.txid }], outputs: [{ satoshis: 1 }] });
    const beef = buildBeefV2(
      [block.bump(1), deeper.bump(2)],
      [proven, { raw: other.raw, bumpIndex: 1 }, { raw: subject.raw }],
    );
    expect(await sdkVerify(beef)).toBe(true);
    expect(judge(beef)).toBe('bump-malformed');
  });

  it('a leaf that the path does not name: the SDK asks no chain for its root', async () => {
    const bump = block.bump(1);
    bump[bump.indexOf(Buffer.from('0102', 'hex'), 6) + 1] = 0;
    const beef = buildBeefV2([bump], [proven]);
    expect(await Beef.fromBinary([...beef]).verify(noRoot)).toBe(true);
    expect(judge(beef, () => false)).toBe('bump-transaction-missing');
  });
});

describe('B13: transaction versions and script rules', () => {
  const nonPush = Buffer.from('5161', 'hex'); // OP_1 OP_NOP
  const locked = buildFunding([
    { satoshis: 500, script: Buffer.from('69', 'hex') },
    { satoshis: 500, script: Buffer.from('7551', 'hex') },
  ]);
  const lockedBlock = buildBlock(900_001, [buildCoinbase(2), locked]);
  const spend = (version: number): Buffer => {
    const subject = buildTransaction({
      version,
      inputs: [{ txid: locked.txid, vout: 1, script: nonPush }],
      outputs: [{ satoshis: 1 }],
    });
    return buildBeefV2([lockedBlock.bump(1)], [{ raw: locked.raw, bumpIndex: 0 }, { raw: subject.raw }]);
  };

  it('version 2 switches the SDK’s rules against malleability off', async () => {
    await expect(sdkVerify(spend(1))).rejects.toThrow('push operations');
    expect(await sdkVerify(spend(2))).toBe(true);
  });

  it('versions 1 and 2 are judged alike here, strictly', () => {
    expect([1, 2].map((version) => judge(spend(version)))).toEqual([
      'transaction-script-failed',
      'transaction-script-failed',
    ]);
  });

  it.each([0, 3, 0xffffffff])('version %i is refused', (version) =>
    expect(judge(spend(version))).toBe('transaction-version-unsupported'),
  );

  it('a signature without SIGHASH_FORKID, which no node takes, passes in the SDK', async () => {
    const key = PrivateKey.fromRandom();
    const lockingScript = new P2PKH().lock(key.toPublicKey().toHash());
    const owned = buildFunding([{ satoshis: 500, script: lockingScript.toUint8Array() }]);
    const bump = buildBlock(900_002, [buildCoinbase(3), owned]).bump(1);
    const outputs = [{ satoshis: 400, script: Buffer.from('51', 'hex') }];
    const unsigned = Transaction.fromBinary([...buildTransaction({ inputs: [{ txid: owned.txid }], outputs }).raw]);
    const scope = TransactionSignature.SIGHASH_ALL;
    const preimage = TransactionSignature.format({
      ...{
        sourceTXID: owned.txid,
        sourceOutputIndex: 0,
        sourceSatoshis: 500,
        transactionVersion: 1,
        otherInputs: [],
        inputIndex: 0,
      },
      ...{ outputs: unsigned.outputs, inputSequence: 0xffffffff, subscript: lockingScript, lockTime: 0, scope },
    });
    const { r, s } = key.sign(Hash.sha256(preimage));
    const script = new UnlockingScript()
      .writeBin(new TransactionSignature(r, s, scope).toChecksigFormat())
      .writeBin(key.toPublicKey().encode(true) as number[]);
    const subject = buildTransaction({ inputs: [{ txid: owned.txid, script: script.toUint8Array() }], outputs });
    const beef = buildBeefV2([bump], [{ raw: owned.raw, bumpIndex: 0 }, { raw: subject.raw }]);
    expect(await sdkVerify(beef)).toBe(true);
    expect(judge(beef)).toBe('transaction-script-failed');
  });
});

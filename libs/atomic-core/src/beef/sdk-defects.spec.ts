import { Worker } from 'node:worker_threads';
import {
  type BuiltTransaction,
  buildAtomicBeef,
  buildBeefV1,
  buildBeefV2,
  buildBlock,
  buildFunding,
  buildTransaction,
  judgeBeef,
  verdictOf,
} from '#testkit';
import { Beef, Transaction } from '@bsv/sdk';

/** The defects of the SDK's reading of BEEF (PROTOCOLS B1 to B4, B12): for each what @bsv/sdk 2.1.0 answers, and what the core answers. */

const anyRoot = (): boolean => true;
const judge = (beef: Uint8Array) => verdictOf(judgeBeef(beef, anyRoot));
const sdkRead = (beef: Uint8Array): Beef => Beef.fromBinary([...beef]);

const funding = buildFunding([{ satoshis: 1000 }, { satoshis: 1000 }]);
const block = buildBlock(900_000, [funding, buildFunding([{ satoshis: 1 }], 1)]);

const spend = (parent: BuiltTransaction, satoshis = 1000): BuiltTransaction =>
  buildTransaction({ inputs: [{ txid: parent.txid }], outputs: [{ satoshis }] });

/** Each transaction spends both outputs of the one before: two ways at each step, 2^depth ways through all of them. */
const buildDiamond = (depth: number): Buffer => {
  const entries: { raw: Buffer; bumpIndex?: number }[] = [{ raw: funding.raw, bumpIndex: 0 }];
  let parent = funding;
  for (let step = 0; step < depth; step++) {
    parent = buildTransaction({
      inputs: [{ txid: parent.txid }, { txid: parent.txid, vout: 1 }],
      outputs: [{ satoshis: 1000 }, { satoshis: 1000 }],
    });
    entries.push({ raw: parent.raw });
  }
  return buildBeefV2([block.bump(0)], entries);
};

const buildChain = (length: number): Buffer => {
  const entries: { raw: Buffer; bumpIndex?: number }[] = [{ raw: funding.raw, bumpIndex: 0 }];
  let parent = funding;
  while (entries.length < length) {
    parent = spend(parent);
    entries.push({ raw: parent.raw });
  }
  return buildBeefV2([block.bump(0)], entries);
};

const honest = buildBeefV1([block.bump(0)], [{ raw: funding.raw, bumpIndex: 0 }, { raw: spend(funding).raw }]);

jest.setTimeout(60_000);

it('the honest BEEF of this suite is accepted by both', () => {
  expect(sdkRead(honest).isValid()).toBe(true);
  expect(judge(honest)).toBe('accepted');
});

describe('B1: ten bytes that declare four billion transactions', () => {
  const bomb = Buffer.from('0200beef00feffffff0f', 'hex');

  it('kill a worker that gives them to the SDK', async () => {
    const worker = new Worker("require('@bsv/sdk').Beef.fromBinary(require('node:worker_threads').workerData)", {
      eval: true,
      workerData: [...bomb],
      resourceLimits: { maxOldGenerationSizeMb: 48 },
    });
    const death = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      worker.once('error', resolve);
      worker.once('exit', (code) => reject(new Error(`the worker ended with ${code} and no error`)));
    });
    expect(death.code).toBe('ERR_WORKER_OUT_OF_MEMORY');
  });

  it('are refused by the count', () => expect(judge(bomb)).toBe('beef-truncated'));
});

describe('B2: a diamond of two-input transactions', () => {
  const countSdkSteps = (depth: number): number => {
    const findBump = jest.spyOn(Beef.prototype, 'findBump');
    Transaction.fromBEEF([...buildDiamond(depth)]);
    const steps = findBump.mock.calls.length;
    findBump.mockRestore();
    return steps;
  };

  it('doubles the SDK’s work with each transaction', () => {
    expect(countSdkSteps(12) / countSdkSteps(10)).toBeGreaterThan(3.9);
  });

  it('is one visit a transaction here, at any depth', () => {
    const verified = judgeBeef(buildDiamond(400), anyRoot);
    expect(verified.ok && verified.value.transactions.length).toBe(401);
  });
});

describe('B3: a straight chain of unproven transactions', () => {
  it('overflows the SDK’s stack', () => {
    const deep = [...buildChain(20_000)];
    // By its message: the frame that overflows may be of Node itself, whose RangeError is not the one of Jest's realm.
    expect(() => Transaction.fromBEEF(deep)).toThrow('Maximum call stack size exceeded');
  });

  it('is refused above 1,000 transactions in a line, and below is a loop', () => {
    expect(judge(buildChain(1_001))).toBe('beef-limit-exceeded');
    const verified = judgeBeef(buildChain(1_000), anyRoot);
    expect(verified.ok && verified.value.transactions.length).toBe(1_000);
  });
});

describe('B4: bytes that are not the BEEF', () => {
  it('a BEEF without its last five bytes is valid to the SDK, truncated here', () => {
    const cut = honest.subarray(0, -5);
    expect(sdkRead(cut).isValid()).toBe(true);
    expect(judge(cut)).toBe('beef-truncated');
  });

  it('a BEEF with bytes behind it is valid to the SDK, refused here', () => {
    const trailed = Buffer.concat([honest, Buffer.from('garbage')]);
    expect(sdkRead(trailed).isValid()).toBe(true);
    expect(judge(trailed)).toBe('beef-trailing-bytes');
  });

  it('a count in a longer form than needed is valid to the SDK, refused here', () => {
    const longer = Buffer.concat([honest.subarray(0, 4), Buffer.from('fd0100', 'hex'), honest.subarray(5)]);
    expect(sdkRead(longer).isValid()).toBe(true);
    expect(judge(longer)).toBe('beef-not-canonical');
  });
});

describe('B12: an Atomic BEEF with a transaction that is no ancestor of its subject', () => {
  const subject = spend(funding, 700);
  const stranger = buildTransaction({ inputs: [{ txid: funding.txid, vout: 1 }], outputs: [{ satoshis: 900 }] });
  const entries = [{ raw: funding.raw, bumpIndex: 0 }, { raw: subject.raw }, { raw: stranger.raw }];
  const atomic = buildAtomicBeef(subject.txid, buildBeefV2([block.bump(0)], entries));

  it('is taken by the SDK, which then has another last transaction than the subject', () => {
    expect(Transaction.fromAtomicBEEF([...atomic]).id('hex')).toBe(subject.txid);
    expect(sdkRead(atomic).txs.at(-1)?.txid).toBe(stranger.txid);
  });

  it('is refused here, as BRC-95 says it must be', () => expect(judge(atomic)).toBe('beef-unrelated-transaction'));

  it('has one subject wherever it stands, and that is what is verified', () => {
    const ordered = buildAtomicBeef(subject.txid, buildBeefV2([block.bump(0)], entries.slice(0, 2)));
    const verified = judgeBeef(ordered, anyRoot);
    expect(verified.ok && verified.value.subject.txid).toBe(subject.txid);
  });
});

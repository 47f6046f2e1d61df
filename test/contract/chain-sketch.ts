import type { Txid } from '#atomic-core';
import {
  buildBeefV1,
  buildBlock,
  buildFunding,
  buildTransaction,
  type BuiltBlock,
  type BuiltTransaction,
  type TransactionSketch,
} from '#testkit';

/** An output that only a signature of a key opens: nothing that these tests give satisfies it. */
const LOCKED = Buffer.concat([Buffer.from('76a914', 'hex'), Buffer.alloc(20, 7), Buffer.from('88ac', 'hex')]);
/** What looks like an unlocking script for it: a signature in right DER of nothing, and a key. */
const FORGED = Buffer.concat([
  Buffer.of(0x48),
  Buffer.from(`3045022100${'a1'.repeat(32)}0220${'11'.repeat(32)}41`, 'hex'),
  Buffer.of(0x21),
  Buffer.from(`0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798`, 'hex'),
]);

const funding = buildFunding([{ satoshis: 10_000 }, { satoshis: 10_000 }, { satoshis: 5_000, script: LOCKED }]);

/** The block of `funding`, at a height where a planted header leaves the tip alone. */
export const fundingBlock: BuiltBlock = buildBlock(1, [funding, buildFunding([{ satoshis: 1 }], 1)]);

const spend = (parent: BuiltTransaction, over: Partial<TransactionSketch> = {}): BuiltTransaction =>
  buildTransaction({ inputs: [{ txid: parent.txid }], outputs: [{ satoshis: 1_000 }], ...over });

/** `first`, which spends `funding`, and `depth` transactions on it, each on the one before: `first` stands `depth` spends below the subject. */
const stack = (first: BuiltTransaction, depth: number): BuiltTransaction[] => {
  const chain = [first];
  while (chain.length <= depth)
    chain.push(spend(chain[chain.length - 1] ?? first, { outputs: [{ satoshis: 1_000 - chain.length }] }));
  return chain;
};

const write = (chain: readonly BuiltTransaction[], bump: Buffer = fundingBlock.bump(0)): Buffer =>
  buildBeefV1([bump], [{ raw: funding.raw, bumpIndex: 0 }, ...chain.map(({ raw }) => ({ raw }))]);

export interface Sketch {
  readonly beef: Buffer;
  readonly subject: Txid;
  /** The transaction that breaks the rule. */
  readonly culprit: Txid;
}

const sketch = (chain: readonly BuiltTransaction[], beef: Buffer, culprit = chain[0]): Sketch => ({
  beef,
  subject: chain.at(-1)?.txid ?? funding.txid,
  culprit: culprit?.txid ?? funding.txid,
});

/** Three unproven transactions on a proven one, every rule kept. */
export const soundChain = (): Sketch => {
  const chain = stack(spend(funding), 2);
  return sketch(chain, write(chain));
};

/** Two spends below the subject stands one whose second parent is not in the BEEF. */
export const missingParent = (): Sketch => {
  const orphan = spend(funding, { inputs: [{ txid: funding.txid }, { txid: 'ab'.repeat(32) as Txid, vout: 3 }] });
  const chain = stack(orphan, 2);
  return sketch(chain, write(chain));
};

export const inflatingAncestor = (): Sketch => {
  const chain = stack(spend(funding, { outputs: [{ satoshis: 10_001 }] }), 1);
  return sketch(chain, write(chain));
};

/** Three spends below the subject, the second input is unlocked by a forged signature. */
export const forgedSignature = (): Sketch => {
  const inputs = [{ txid: funding.txid }, { txid: funding.txid, vout: 2, script: FORGED }];
  const chain = stack(spend(funding, { inputs }), 3);
  return sketch(chain, write(chain));
};

/** The same transactions in another block of the same height. */
export const strangeRoot = (): Sketch => {
  const chain = stack(spend(funding), 2);
  const block = buildBlock(fundingBlock.height, [funding, buildFunding([{ satoshis: 2 }], 2)]);
  return sketch(chain, write(chain, block.bump(0)), funding);
};

/** A proof in a block that is not mined yet. */
export const futureRoot = (): Sketch => {
  const chain = stack(spend(funding), 1);
  return sketch(chain, write(chain, buildBlock(900_000, [funding]).bump(0)), funding);
};

/** The header of `funding`'s block, for a chain of headers that is made by hand. */
export const fundingRoot = (): Buffer => Buffer.from(fundingBlock.root, 'hex').reverse();

import { MerklePath } from '@bsv/sdk';
import { assert, integer, property, subarray } from 'fast-check';
import { buildBlock, buildCoinbase, buildFunding, uint, varint } from '#testkit';
import { type Txid, sha256d, txidFromWire } from '../bytes';
import { verifyBump } from './verify-bump';

const transactions = Array.from({ length: 37 }, (_, salt) =>
  salt === 0 ? buildCoinbase(50) : buildFunding([{ satoshis: 1 }], salt),
);

type Node = readonly [offset: number, flags: number, hash?: Uint8Array | undefined];
const bumpOf = (...levels: readonly (readonly Node[])[]): Buffer =>
  Buffer.concat([
    varint(900_000),
    uint(levels.length, 1),
    ...levels.flatMap((nodes) => [
      varint(nodes.length),
      ...nodes.flatMap(([offset, flags, hash]) => [varint(offset), uint(flags, 1), hash ?? Buffer.alloc(0)]),
    ]),
  ]);
const [a, b, c, d] = [1, 2, 3, 4].map((byte) => Buffer.alloc(32, byte)) as [Buffer, Buffer, Buffer, Buffer];
const pair = (left: Uint8Array, right: Uint8Array): Buffer => sha256d(Buffer.concat([left, right]));
/** The root it leads to, or the code of the refusal. */
const judge = (bump: Uint8Array, leaf = a): string => {
  const verified = verifyBump(bump, txidFromWire(leaf));
  return verified.ok ? verified.value.root : verified.rejection.code;
};
const rootOf = (root: Uint8Array): string => txidFromWire(root);

describe('the fold', () => {
  it('leads from any set of leaves of any block to its root, and cuts each path as the SDK would write it', () => {
    const blocks = integer({ min: 1, max: transactions.length }).chain((size) =>
      subarray([...Array(size).keys()], { minLength: 1 }).map((offsets) => ({ size, offsets })),
    );
    assert(
      property(blocks, ({ size, offsets }) => {
        const block = buildBlock(948_351, transactions.slice(0, size));
        for (const offset of offsets) {
          const { txid } = transactions[offset] as { txid: Txid };
          const verified = verifyBump(block.bump(...offsets), txid);
          if (!verified.ok) throw new Error(verified.rejection.detail);
          expect([verified.value.root, verified.value.height]).toEqual([block.root, block.height]);
          expect(Buffer.from(verified.value.bytes)).toEqual(block.bump(offset));
          expect(MerklePath.fromBinary([...verified.value.bytes]).computeRoot(txid)).toBe(block.root);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes nodes in any order, and refuses one offset twice', () => {
    const root = rootOf(pair(pair(a, b), pair(c, d)));
    const leaves: Node[] = [
      [0, 2, a],
      [1, 0, b],
      [2, 0, c],
      [3, 0, d],
    ];
    expect(judge(bumpOf(leaves, []))).toBe(root);
    expect(judge(bumpOf([...leaves].reverse(), []))).toBe(root);
    expect(judge(bumpOf([...leaves, [1, 0, b]], []))).toBe('bump-malformed');
  });

  it('refuses a node without its sibling, at any level', () => {
    expect(judge(bumpOf([[0, 2, a]], [[1, 0, c]]))).toBe('bump-malformed');
    expect(judge(bumpOf([[1, 2, a]], [[1, 0, c]]))).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 2, a],
            [1, 0, b],
          ],
          [],
        ),
      ),
    ).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 2, a],
            [2, 0, b],
          ],
          [[1, 0, c]],
        ),
      ),
    ).toBe('bump-malformed');
  });

  it('refuses two branches that disagree, and takes a node that is given and computed alike', () => {
    const leaves: Node[] = [
      [0, 2, a],
      [1, 0, b],
    ];
    expect(
      judge(
        bumpOf(leaves, [
          [0, 0, pair(a, b)],
          [1, 0, c],
        ]),
      ),
    ).toBe(rootOf(pair(pair(a, b), c)));
    expect(
      judge(
        bumpOf(leaves, [
          [0, 0, pair(b, a)],
          [1, 0, c],
        ]),
      ),
    ).toBe('bump-malformed');
    expect(judge(bumpOf([...leaves, [2, 0, c], [3, 0, d]], [[1, 1]]))).toBe('bump-malformed');
  });

  it('takes a repetition only at the end of its level, flagged or given (CVE-2012-2459)', () => {
    const root = rootOf(pair(pair(b, c), pair(a, a)));
    const inner: Node[] = [[0, 0, pair(b, c)]];
    expect(
      judge(
        bumpOf(
          [
            [2, 2, a],
            [3, 1],
          ],
          inner,
        ),
      ),
    ).toBe(root);
    expect(
      judge(
        bumpOf(
          [
            [2, 2, a],
            [3, 0, a],
          ],
          inner,
        ),
      ),
    ).toBe(root);
    expect(
      judge(
        bumpOf(
          [
            [2, 2, a],
            [3, 2, a],
          ],
          inner,
        ),
      ),
    ).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 2, a],
            [1, 1],
            [2, 0, b],
            [3, 0, c],
          ],
          [],
        ),
      ),
    ).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 2, a],
            [1, 0, a],
            [2, 0, b],
            [3, 0, c],
          ],
          [],
        ),
      ),
    ).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 1],
            [1, 2, a],
          ],
          [[1, 0, b]],
        ),
      ),
    ).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 2, a],
            [1, 0, b],
            [2, 0, a],
            [3, 0, b],
          ],
          [],
        ),
      ),
    ).toBe('bump-malformed');
  });

  it('flags a repetition that was given when it cuts a path', () => {
    const verified = verifyBump(
      bumpOf(
        [
          [2, 2, a],
          [3, 0, a],
        ],
        [[0, 0, b]],
      ),
      txidFromWire(a),
    );
    expect(verified.ok && Buffer.from(verified.value.bytes)).toEqual(
      bumpOf(
        [
          [2, 2, a],
          [3, 1],
        ],
        [[0, 0, b]],
      ),
    );
  });

  it('refuses one transaction at two places, also among many', () => {
    const leaves = Array.from({ length: 8 }, (_, offset): Node => [offset, 0, Buffer.alloc(32, offset + 1)]);
    expect(judge(bumpOf(leaves, [], []))).toMatch(/^[0-9a-f]{64}$/u);
    const repeated = leaves.map(([offset, flags, hash]): Node => [offset, flags, offset === 6 ? a : hash]);
    expect(judge(bumpOf(repeated, [], []))).toBe('bump-malformed');
  });

  it('takes the id of a lone transaction for the root of its block, at offset 0 only', () => {
    expect(judge(bumpOf([[0, 2, a]]))).toBe(rootOf(a));
    expect(judge(bumpOf([[1, 2, a]]))).toBe('bump-malformed');
    expect(judge(bumpOf([[0, 1]]))).toBe('bump-malformed');
  });

  it('refuses offsets outside of their level, strange flags, many duplicates and a tree without a node', () => {
    expect(
      judge(
        bumpOf(
          [
            [0, 2, a],
            [4, 0, b],
          ],
          [[1, 0, c]],
        ),
      ),
    ).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 2, a],
            [1, 0, b],
          ],
          [[1, 2, c]],
        ),
      ),
    ).toBe('bump-malformed');
    expect(
      judge(
        bumpOf(
          [
            [0, 3, a],
            [1, 0, b],
          ],
          [[1, 0, c]],
        ),
      ),
    ).toBe('bump-malformed');
    const duplicates = Array.from({ length: 100 }, (_, offset): Node => [offset, 1]);
    expect(judge(bumpOf(duplicates, [], [], [], [], [], []))).toBe('bump-malformed');
    expect(judge(bumpOf([], []))).toBe('bump-malformed');
  });

  it('holds offsets up to the last one of 31 levels', () => {
    const last = 2 ** 31 - 1;
    const levels = Array.from({ length: 30 }, (_, level): Node[] => [[2 ** (30 - level) - 2, 0, b]]);
    const root = levels.reduce((hash) => pair(b, hash), pair(b, a));
    expect(
      judge(
        bumpOf(
          [
            [last - 1, 0, b],
            [last, 2, a],
          ],
          ...levels,
        ),
      ),
    ).toBe(rootOf(root));
  });
});

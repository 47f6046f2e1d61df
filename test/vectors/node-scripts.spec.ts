import { type AncestryVerifiedBeef, judgeInput, verifyInputsFast } from '#atomic-core';
import { type NodeRow, buildNodeSpend, readNodeCases } from './node-script-rows';
import { describeVectors } from './shared-vectors';

const HYBRID_KEY =
  'A hybrid key (06, 07). STRICTENC refuses it, and we always ask that; without it the row asks for the curve under such a key, which no backend of ours answers.';
/** Rows that the interpreter judges otherwise than the node, by the row's own flags, and why. A new one and a vanished one both fail. */
const INTERPRETER_DIFFERS: Readonly<Record<number, string>> = { 713: HYBRID_KEY, 714: HYBRID_KEY };

const BEFORE_GENESIS =
  'OP_RETURN ends a script with failure by the flags of the row, which are those of before Genesis; since then it ends with the top of the stack.';
/** Rows that the node refuses by their flags and a fast path accepts by our rules. */
const FAST_DIFFERS: Readonly<Record<number, string>> = {
  39: BEFORE_GENESIS,
  47: BEFORE_GENESIS,
  48: BEFORE_GENESIS,
  384: BEFORE_GENESIS,
};

describeVectors<readonly NodeRow[]>('the script tests of the node', 'node/script_tests.json', (rows) => {
  const cases = readNodeCases(rows);
  const verdicts = cases.map((each) => {
    const graph = buildNodeSpend(each);
    // The graph is not verified further than the node asks for in these tests, which is not at all.
    const fast = verifyInputsFast(graph as AncestryVerifiedBeef, Uint32Array.of(1));
    return {
      row: each.row,
      node: each.expected === 'OK',
      interpreter: judgeInput(graph, 1, { rules: each.flags }).ok,
      ours: judgeInput(graph, 1).ok,
      fast: fast[0] === 1,
    };
  });
  const rowsWhere = (test: (verdict: (typeof verdicts)[number]) => boolean): number[] =>
    verdicts.filter(test).map(({ row }) => row);

  it('are judged by the interpreter as the node does, with the flags of each row', () => {
    const differing = rowsWhere(({ interpreter, node }) => interpreter !== node);
    process.stdout.write(`node script_tests.json: ${cases.length - differing.length} of ${cases.length} agree\n`);
    expect(differing).toEqual(Object.keys(INTERPRETER_DIFFERS).map(Number));
  });

  it('are never accepted by a fast path where the interpreter refuses them by our rules', () => {
    expect(rowsWhere(({ fast, ours }) => fast && !ours)).toEqual([]);
    expect(rowsWhere(({ fast }) => fast)).toHaveLength(8);
  });

  it('are never accepted by a fast path where the node refuses them, but by rules of another era', () => {
    expect(rowsWhere(({ fast, node }) => fast && !node)).toEqual(Object.keys(FAST_DIFFERS).map(Number));
  });

  it('number what the file holds', () => expect(cases).toHaveLength(736));
});

import { BEFORE_GENESIS, CHRONICLE, GENESIS, judgeInput, verifyInputsFast } from '#atomic-core';
import { dateGraph } from '#testkit';
import { type NodeRow, buildNodeSpend, readNodeCases } from './node-script-rows';
import { describeVectors } from './shared-vectors';

const HYBRID_KEY =
  'A hybrid key (06, 07). STRICTENC refuses it, and we always ask that; without it the row asks for the curve under such a key, which no backend of ours answers.';
/** Rows that the interpreter judges otherwise than the node, by the row's own flags, and why. A new one and a vanished one both fail. */
const INTERPRETER_DIFFERS: Readonly<Record<number, string>> = { 713: HYBRID_KEY, 714: HYBRID_KEY };

/** The era of the coin that the flags of a row speak of. */
const eraOf = (flags: readonly string[]): number => {
  if (flags.includes('UTXO_AFTER_CHRONICLE')) return CHRONICLE;
  return flags.includes('UTXO_AFTER_GENESIS') ? GENESIS : BEFORE_GENESIS;
};

describeVectors<readonly NodeRow[]>('the script tests of the node', 'node/script_tests.json', (rows) => {
  const cases = readNodeCases(rows);
  const verdicts = cases.map((each) => {
    const graph = buildNodeSpend(each);
    const [fast, fastInEra] = [CHRONICLE, eraOf(each.flags)].map(
      (era) => verifyInputsFast(dateGraph(graph, era), Uint32Array.of(1))[0] === 1,
    );
    return {
      row: each.row,
      node: each.expected === 'OK',
      interpreter: judgeInput(graph, 1, { rules: each.flags }).ok,
      ours: judgeInput(graph, 1).ok,
      ...{ fast, fastInEra },
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
    expect(rowsWhere(({ fast, ours }) => fast === true && !ours)).toEqual([]);
    expect(rowsWhere(({ fast }) => fast === true)).toHaveLength(8);
  });

  it('are never accepted by a fast path where the node refuses them, for a coin of their era', () => {
    expect(rowsWhere(({ fastInEra, node }) => fastInEra === true && !node)).toEqual([]);
    expect(rowsWhere(({ fastInEra }) => fastInEra === true)).not.toEqual([]);
    // An OP_RETURN at the top, which failed before Genesis, would be accepted of a coin of today.
    expect(rowsWhere(({ fast, node }) => fast === true && !node)).toEqual([39, 47, 48, 384]);
  });

  it('number what the file holds', () => expect(cases).toHaveLength(736));
});

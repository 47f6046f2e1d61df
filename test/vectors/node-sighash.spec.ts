import { sighash } from '#atomic-core';
import { buildGraph, buildTransaction } from '#testkit';
import { describeVectors } from './shared-vectors';

type Row = readonly [string] | readonly [string, string, number, number, string, string];

/** The node's own: random transactions, scripts and hash types of 32 bits, FORKID and the bit of Chronicle among them. */
describeVectors<readonly Row[]>('the signature hashes of the node', 'node/sighash.json', (rows) => {
  const cases = rows.filter((row) => row.length === 6);
  // What the vectors spend is worth nothing and stands nowhere.
  const spent = buildTransaction({ inputs: [], outputs: [{ satoshis: 0 }] });

  const digestOf = ([raw, script, index, hashType]: (typeof cases)[number], original?: true): string => {
    const graph = buildGraph([spent.raw, Buffer.from(raw, 'hex')]);
    const signed = { transaction: 1, input: index, spentOutput: 0 };
    const digest = sighash(graph, signed, {
      ...{ hashType, scriptCode: Buffer.from(script, 'hex') },
      ...(original && { original }),
    });
    return Buffer.from(digest).reverse().toString('hex');
  };

  it('are ours, by the algorithm that the hash type names', () => {
    const wrong = cases.filter((row) => digestOf(row) !== row[4]);
    process.stdout.write(`node sighash.json, regular: ${cases.length - wrong.length} of ${cases.length} agree\n`);
    expect(wrong).toEqual([]);
  });

  it('are ours, by the original algorithm whatever the hash type names', () => {
    const wrong = cases.filter((row) => digestOf(row, true) !== row[5]);
    process.stdout.write(
      `node sighash.json, without FORKID: ${cases.length - wrong.length} of ${cases.length} agree\n`,
    );
    expect(wrong).toEqual([]);
  });

  it('number what the file holds', () => expect(cases).toHaveLength(500));
});

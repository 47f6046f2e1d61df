import { Transaction as SdkTransaction } from '@bsv/sdk';
import { array, assert, integer, nat, property, record, uint8Array } from 'fast-check';
import { OP_TRUE, buildBeefV2, buildBlock, buildCoinbase, buildFunding, buildTransaction, judgeBeef } from '#testkit';
import { SATOSHIS_MAX, type Txid, txidFromWire } from '../bytes';
import { readTransaction } from './read-transaction';
import type { Transaction } from './transaction';

const readOk = (raw: Uint8Array): Transaction => {
  const read = readTransaction(raw);
  if (!read.ok) throw new Error(read.rejection.detail);
  return read.value;
};
const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString('hex');

const script = uint8Array({ maxLength: 300 });
const drawn = record({
  version: integer({ min: 0, max: 0xffffffff }),
  inputs: array(
    record({ wire: uint8Array({ minLength: 32, maxLength: 32 }), vout: nat(), script, sequence: nat(0xffffffff) }),
    { minLength: 1, maxLength: 5 },
  ),
  outputs: array(record({ satoshis: integer({ min: 0, max: SATOSHIS_MAX }), script }), { maxLength: 5 }),
  lockTime: nat(0xffffffff),
});

describe('a transaction that is read', () => {
  it('has the parts that the SDK finds in the same bytes, whatever is drawn', () => {
    assert(
      property(drawn, ({ inputs, ...rest }) => {
        const sketches = inputs.map(({ wire, ...input }) => ({ txid: txidFromWire(wire), ...input }));
        const { raw, txid } = buildTransaction({ ...rest, inputs: sketches });
        const ours = readOk(raw);
        const sdk = SdkTransaction.fromBinary([...raw]);
        expect([ours.txid, ours.version, ours.lockTime]).toEqual([sdk.id('hex'), sdk.version, sdk.lockTime]);
        expect(ours.txid).toBe(txid);
        expect(
          ours.inputs.map((input) => [input.parentTxid, input.parentVout, hex(input.unlockingScript), input.sequence]),
        ).toEqual(
          sdk.inputs.map((input) => [
            input.sourceTXID,
            input.sourceOutputIndex,
            hex(input.unlockingScript?.toBinary() ?? []),
            input.sequence,
          ]),
        );
        expect(ours.outputs.map((output) => [output.satoshis, hex(output.lockingScript)])).toEqual(
          sdk.outputs.map((output) => [output.satoshis, hex(output.lockingScript.toBinary())]),
        );
      }),
      { numRuns: 200 },
    );
  });

  const { raw } = buildTransaction({
    inputs: [{ txid: 'cd'.repeat(32) as Txid, vout: 3, script: OP_TRUE, sequence: 5 }],
    outputs: [{ satoshis: 2 ** 40 }],
  });

  it('makes its inputs and outputs once', () => {
    const transaction = readOk(raw);
    expect(transaction.inputs).toBe(transaction.inputs);
    expect(transaction.outputs).toBe(transaction.outputs);
  });

  it('is whole when it is copied, by spread or by structured clone', () => {
    const transaction = readOk(raw);
    const { inputs, outputs } = transaction;
    expect({ ...readOk(raw) }).toEqual({ ...transaction, inputs, outputs });
    expect(structuredClone(readOk(raw))).toEqual({ ...transaction, inputs, outputs });
  });
});

describe('a verified transaction', () => {
  const funding = buildFunding([{ satoshis: 10 }]);
  const block = buildBlock(900_000, [buildCoinbase(1), funding, buildFunding([{ satoshis: 1 }], 1)]);
  const child = buildTransaction({ inputs: [{ txid: funding.txid }], outputs: [{ satoshis: 9 }] });

  it('is the same object as one that was read alone, and has the path of its own leaf', () => {
    const beef = buildBeefV2([block.bump(1, 2)], [{ raw: funding.raw, bumpIndex: 0 }, { raw: child.raw }]);
    const verified = judgeBeef(beef, () => true);
    if (!verified.ok) throw new Error(verified.rejection.detail);
    const { height, root } = block;
    const [first, second] = verified.value.transactions;
    expect({ ...first }).toEqual({
      ...readOk(funding.raw),
      bump: { height, root, bytes: new Uint8Array(block.bump(1)) },
    });
    expect({ ...second }).toEqual({ ...readOk(child.raw), bump: undefined });
    expect(verified.value.subject).toBe(second);
    expect(first?.bump?.bytes).toBe(first?.bump?.bytes);
  });

  it('is not read from bytes that were handed to another thread', () => {
    const transaction = readOk(new Uint8Array(child.raw));
    structuredClone(transaction.raw, { transfer: [transaction.raw.buffer as ArrayBuffer] });
    expect(() => transaction.outputs).toThrow('not here any more');
  });
});

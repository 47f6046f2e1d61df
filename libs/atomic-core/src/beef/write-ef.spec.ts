import { Transaction as SdkTransaction } from '@bsv/sdk';
import { OP_TRUE, buildFunding, buildTransaction, uint } from '#testkit';
import { readTransaction } from './read-transaction';
import type { Transaction } from './transaction';
import { writeExtendedFormat } from './write-ef';

const readOk = (raw: Uint8Array): Transaction => {
  const read = readTransaction(raw);
  if (!read.ok) throw new Error(read.rejection.detail);
  return read.value;
};

// 2^33 satoshis need both halves of the number; a script of 300 bytes needs a count of three bytes.
const long = Buffer.alloc(300, 0x6a);
const parent = buildFunding([{ satoshis: 2 ** 33 + 5 }, { satoshis: 7, script: long }]);
const child = buildTransaction({
  version: 2,
  inputs: [
    { txid: parent.txid, vout: 1, script: OP_TRUE, sequence: 3 },
    { txid: parent.txid, vout: 0 },
  ],
  outputs: [{ satoshis: 2 ** 33 }],
  lockTime: 900_000,
});
const [large, small] = readOk(parent.raw).outputs as [Transaction['outputs'][number], Transaction['outputs'][number]];

describe('writeExtendedFormat', () => {
  const written = Buffer.from(writeExtendedFormat(readOk(child.raw), [small, large]));

  it('puts the marker of BRC-30 behind the version', () => {
    expect(written.subarray(0, 10)).toEqual(Buffer.concat([uint(2, 4), Buffer.from('0000000000ef', 'hex')]));
  });

  it('is byte for byte what the SDK writes', () => {
    const sdk = SdkTransaction.fromBinary([...child.raw]);
    for (const input of sdk.inputs) input.sourceTransaction = SdkTransaction.fromBinary([...parent.raw]);
    expect(written.toString('hex')).toBe(sdk.toHexEF());
  });

  it('keeps the txid, and gives each input the output that it spends', () => {
    const read = SdkTransaction.fromEF([...written]);
    expect(read.id('hex')).toBe(child.txid);
    const spent = read.inputs.map(
      ({ sourceTransaction, sourceOutputIndex }) => sourceTransaction?.outputs[sourceOutputIndex]?.satoshis,
    );
    expect(spent).toEqual([7, 2 ** 33 + 5]);
  });

  it('is not written with fewer parent outputs than inputs', () => {
    expect(() => writeExtendedFormat(readOk(child.raw), [small])).toThrow('one parent output for each input');
  });
});

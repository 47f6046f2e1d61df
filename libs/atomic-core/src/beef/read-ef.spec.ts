import { Transaction as SdkTransaction } from '@bsv/sdk';
import { array, assert, boolean, integer, nat, property, record, uint8Array } from 'fast-check';
import { buildFunding, buildTransaction, flipBit, verdictOf } from '#testkit';
import { SATOSHIS_MAX, type Txid } from '../bytes';
import { TRANSACTION_INPUTS_MAX } from '../limits';
import { readExtendedFormat } from './read-ef';
import { readTransaction } from './read-transaction';
import { writeExtendedFormat } from './write-ef';

const script = uint8Array({ maxLength: 300 });
const satoshis = integer({ min: 0, max: SATOSHIS_MAX });
const drawn = record({
  version: integer({ min: 0, max: 0xffffffff }),
  inputs: array(record({ vout: nat(9), script, sequence: nat(), spent: record({ satoshis, lockingScript: script }) }), {
    maxLength: 5,
  }),
  outputs: array(record({ satoshis, script }), { maxLength: 4 }),
  lockTime: nat(),
  isLong: boolean(),
});

const parent = buildFunding([{ satoshis: 2 ** 33 + 5 }, { satoshis: 7, script: Buffer.alloc(300, 0x6a) }]);
const inputs = [{ txid: parent.txid, vout: 1 }, { txid: parent.txid }];
const child = buildTransaction({ inputs, outputs: [{ satoshis: 9 }] });
const sdk = SdkTransaction.fromBinary([...child.raw]);
for (const input of sdk.inputs) input.sourceTransaction = SdkTransaction.fromBinary([...parent.raw]);
const ef = Buffer.from(sdk.toEFUint8Array());
const verdict = (bytes: Uint8Array) => verdictOf(readExtendedFormat(bytes));

describe('readExtendedFormat', () => {
  it('reads what the SDK writes: the transaction, and what each input spends', () => {
    const read = readExtendedFormat(ef);
    if (!read.ok) throw new Error(read.rejection.detail);
    const { transaction, parentOutputs } = read.value;
    expect(transaction.txid).toBe(child.txid);
    expect(Buffer.from(transaction.raw).equals(child.raw)).toBe(true);
    expect(parentOutputs.map(({ satoshis, lockingScript }) => [satoshis, lockingScript.length])).toEqual([
      [7, 300],
      [2 ** 33 + 5, 1],
    ]);
  });

  it('gives back what was written, and that is written again byte for byte, whatever is drawn', () => {
    assert(
      property(drawn, ({ inputs: sketches, isLong, ...rest }) => {
        const txid = 'ab'.repeat(32) as Txid;
        const many = isLong ? sketches.flatMap((input) => Array<typeof input>(60).fill(input)) : sketches;
        const { raw } = buildTransaction({ ...rest, inputs: many.map((input) => ({ txid, ...input })) });
        const transaction = readTransaction(raw);
        if (!transaction.ok) throw new Error(transaction.rejection.detail);
        const spent = many.map((input) => input.spent);
        const written = writeExtendedFormat(transaction.value, spent);
        const read = readExtendedFormat(written);
        if (!read.ok) throw new Error(read.rejection.detail);
        expect(read.value.transaction).toEqual(transaction.value);
        expect(read.value.parentOutputs).toEqual(spent);
        expect(writeExtendedFormat(read.value.transaction, read.value.parentOutputs)).toEqual(written);
      }),
    );
  });

  it('refuses every prefix, bytes behind, and any other marker', () => {
    for (let length = 0; length < ef.length; length++)
      expect([length, verdict(ef.subarray(0, length))]).toEqual([length, 'transaction-malformed']);
    expect(verdict(Buffer.concat([ef, Buffer.of(0)]))).toBe('transaction-malformed');
    for (let bit = 4 * 8; bit < 10 * 8; bit++) expect(verdict(flipBit(ef, bit))).toBe('transaction-malformed');
    expect(verdict(child.raw)).toBe('transaction-malformed');
  });

  it('takes a flipped bit only where the bytes are still the one encoding of what they say', () => {
    let taken = 0;
    for (let bit = 0; bit < ef.length * 8; bit++) {
      const flipped = flipBit(ef, bit);
      const read = readExtendedFormat(flipped);
      if (!read.ok) continue;
      taken += 1;
      const written = writeExtendedFormat(read.value.transaction, read.value.parentOutputs);
      expect(Buffer.from(written).equals(flipped)).toBe(true);
    }
    expect(taken).toBeGreaterThan(1_000);
  });

  it('refuses counts in a longer form, more inputs than bytes or than the limit, and values above the supply', () => {
    const longer = Buffer.concat([ef.subarray(0, 10), Buffer.of(0xfd, 2, 0), ef.subarray(11)]);
    expect(verdict(longer)).toBe('transaction-malformed');
    const bomb = Buffer.concat([ef.subarray(0, 10), Buffer.from('feffffffff', 'hex'), ef.subarray(11)]);
    expect(verdict(bomb)).toBe('transaction-malformed');
    const count = Buffer.alloc(2);
    count.writeUInt16LE(TRANSACTION_INPUTS_MAX + 1);
    const body = Buffer.alloc(50 * (TRANSACTION_INPUTS_MAX + 1));
    expect(verdict(Buffer.concat([ef.subarray(0, 10), Buffer.of(0xfd), count, body]))).toBe('beef-limit-exceeded');
    const rich = Buffer.from(ef);
    rich.writeBigUInt64LE(BigInt(SATOSHIS_MAX) + 1n, 11 + 36 + 1 + 4);
    expect(readExtendedFormat(rich)).toMatchObject({
      rejection: { code: 'transaction-value-invalid', at: { txid: child.txid, input: 0 } },
    });
  });
});

import { OP_TRUE, buildFunding, buildTransaction } from '#testkit';
import { readExtendedFormat } from '../beef/read-ef';
import { readTransaction } from '../beef/read-transaction';
import type { TransactionOutput } from '../beef/transaction';
import { writeExtendedFormat } from '../beef/write-ef';
import { judgeClaims } from './judge-claims';

const FALSE_SCRIPT = Uint8Array.of(0);
const claim = (satoshis: number, lockingScript: Uint8Array = OP_TRUE): TransactionOutput => ({
  satoshis,
  lockingScript,
});

const parent = buildFunding([{ satoshis: 1 }]);
const { raw, txid } = buildTransaction({
  inputs: [
    { txid: parent.txid, vout: 3 },
    { txid: parent.txid, vout: 0 },
    { txid: parent.txid, vout: 1_999 },
  ],
  outputs: [{ satoshis: 60 }, { satoshis: 0 }],
});

const judge = (bytes: Uint8Array, claims: readonly TransactionOutput[]) => {
  const transaction = readTransaction(bytes);
  if (!transaction.ok) throw new Error(transaction.rejection.detail);
  const extended = writeExtendedFormat(transaction.value, claims);
  const read = readExtendedFormat(extended);
  if (!read.ok) throw new Error(read.rejection.detail);
  return judgeClaims(extended, read.value);
};

it('runs each script against the output that its input claims to spend, whatever its number', () => {
  expect(judge(raw, [claim(20), claim(20), claim(20)]).ok).toBe(true);
  expect(judge(raw, [claim(20), claim(20), claim(20, FALSE_SCRIPT)])).toMatchObject({
    rejection: { code: 'transaction-script-failed', at: { txid, input: 2 } },
  });
});

it('holds the claimed values against what is paid', () => {
  expect(judge(raw, [claim(20), claim(20), claim(19)])).toMatchObject({
    rejection: { code: 'transaction-inflates', at: { txid } },
  });
});

it('refuses an output that is spent twice', () => {
  const twice = buildTransaction({
    inputs: [{ txid: parent.txid }, { txid: parent.txid }],
    outputs: [{ satoshis: 1 }],
  });
  expect(judge(twice.raw, [claim(1), claim(1)])).toMatchObject({
    rejection: { code: 'transaction-double-spend', at: { txid: twice.txid, input: 1 } },
  });
});

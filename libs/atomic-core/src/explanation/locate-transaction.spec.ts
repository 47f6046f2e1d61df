import {
  type BuiltTransaction,
  buildAtomicBeef,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  varint,
} from '#testkit';
import { locateTransaction } from './locate-transaction';

const coins = (count: number) => Array.from({ length: count }, () => ({ satoshis: 10 }));
const spend = (...parents: readonly BuiltTransaction[]): BuiltTransaction =>
  buildTransaction({ inputs: parents.map(({ txid }) => ({ txid })), outputs: coins(2) });

const funding = buildFunding(coins(2));
const block = buildBlock(900_000, [buildCoinbase(1), funding]);
const bump = block.bump(1);
const left = spend(funding);
const stranger = spend(left);
const right = buildTransaction({ inputs: [{ txid: funding.txid, vout: 1 }], outputs: coins(1) });
const subject = spend(right, left);
const write = (...transactions: readonly BuiltTransaction[]): Buffer =>
  buildBeefV2([bump], [{ raw: funding.raw, bumpIndex: 0 }, ...transactions.map(({ raw }) => ({ raw }))]);

const beef = write(left, stranger, right, subject);

it.each([
  ['the subject', subject, 0],
  ['a parent', left, 1],
  ['a proven ancestor, by the shortest way', funding, 2],
  ['a transaction that is no ancestor', stranger, undefined],
  ['a transaction that is not there', buildFunding(coins(1), 9), undefined],
])('says how deep below the subject it stands: %s', (_what, { txid }, depth) => {
  expect(locateTransaction(beef, txid)).toEqual({ isReadable: true, subject: subject.txid, depth });
});

it.each([
  ['a transaction twice', write(left, left, right, subject), left, 1],
  ['a child before its parent', write(left, subject, right), right, 0],
  ['a parent that is missing', write(left, subject), left, 1],
])('reads what can be read of a BEEF that was refused for its form: %s', (_what, bytes, { txid }, depth) => {
  expect(locateTransaction(bytes, txid)).toMatchObject({ isReadable: false, depth });
});

it('knows no subject where the one that is named is missing, and nothing of bytes that are no BEEF', () => {
  const missing = locateTransaction(buildAtomicBeef(subject.txid, write(left)), left.txid);
  expect(missing).toEqual({ isReadable: false, subject: undefined, depth: undefined });
  expect(locateTransaction(varint(0), left.txid)).toEqual({ isReadable: false, subject: undefined, depth: undefined });
});

it('names the subject of a refusal that concerns no one transaction', () => {
  expect(locateTransaction(beef, undefined)).toEqual({ isReadable: true, subject: subject.txid, depth: undefined });
});

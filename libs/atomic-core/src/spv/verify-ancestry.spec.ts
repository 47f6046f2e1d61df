import {
  type BeefEntry,
  type InputSketch,
  NULL_TXID,
  type TransactionSketch,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  judgeBeef,
} from '#testkit';
import { SATOSHIS_MAX, type Txid } from '../bytes';
import type { Rejection } from '../rejection';

const TIP = 900_200;
const judge = (beef: Uint8Array): Rejection | undefined => {
  const verdict = judgeBeef(beef, () => true, { tipHeight: TIP, medianTimePast: 1_795_000_000 });
  return verdict.ok ? undefined : verdict.rejection;
};

const coinbase = buildCoinbase(50);
const rich = buildFunding([{ satoshis: SATOSHIS_MAX }, { satoshis: SATOSHIS_MAX }, { satoshis: 10 }, { satoshis: 10 }]);
const block = buildBlock(TIP - 5, [coinbase, rich]);
const proven: readonly BeefEntry[] = [coinbase, rich].map(({ raw }) => ({ raw, bumpIndex: 0 }));
const coin = (vout: number): InputSketch => ({ txid: rich.txid, vout });
/** A first child that breaks no rule, so that the row of the second is not that of its first input. */
const first = buildTransaction({ inputs: [coin(3)], outputs: [{ satoshis: 10 }] });
const refusalOf = (sketch: TransactionSketch): [Rejection | undefined, Txid] => {
  const { raw, txid } = buildTransaction(sketch);
  return [judge(buildBeefV2([block.bump(0, 1)], [...proven, { raw: first.raw }, { raw }])), txid];
};
const outputs = [{ satoshis: 1 }];

describe('a refusal says which transaction, and which input where there is one', () => {
  it.each<[Rejection['code'], number | undefined, TransactionSketch]>([
    ['transaction-version-unsupported', undefined, { version: 3, inputs: [coin(2)], outputs }],
    ['transaction-input-missing', undefined, { inputs: [], outputs }],
    ['transaction-output-missing', undefined, { inputs: [coin(2)], outputs: [] }],
    ['transaction-not-final', undefined, { inputs: [{ ...coin(2), sequence: 0 }], outputs, lockTime: TIP + 1 }],
    ['coinbase-immature', 1, { inputs: [coin(2), { txid: coinbase.txid }], outputs }],
    ['transaction-output-unknown', 1, { inputs: [coin(2), coin(4)], outputs }],
    ['transaction-value-invalid', undefined, { inputs: [coin(0), coin(1)], outputs }],
    ['transaction-inflates', undefined, { inputs: [coin(2)], outputs: [{ satoshis: 11 }] }],
    ['transaction-double-spend', 1, { inputs: [coin(2), coin(3)], outputs }],
    ['transaction-double-spend', 2, { inputs: [coin(0), coin(2), coin(2)], outputs }],
  ])('%s at input %s', (code, input, sketch) => {
    const [refusal, txid] = refusalOf(sketch);
    expect(refusal).toMatchObject({ code, at: input === undefined ? { txid } : { txid, input } });
    expect(refusal?.at).toEqual(input === undefined ? { txid } : { txid, input });
  });
});

describe('one spender for each outpoint', () => {
  const bumpOf = (...transactions: { readonly txid: Txid; readonly raw: Buffer }[]) =>
    buildBlock(TIP - 1, transactions).bump(...transactions.keys());
  const outside = (vout: number): InputSketch => ({ txid: 'ab'.repeat(32) as Txid, vout });
  const provenSpend = (salt: number, ...inputs: InputSketch[]) =>
    buildTransaction({ inputs, outputs: [{ satoshis: 100 + salt }] });
  const beefOf = (...transactions: { readonly txid: Txid; readonly raw: Buffer }[]) =>
    buildBeefV2(
      [bumpOf(...transactions)],
      transactions.map(({ raw }) => ({ raw, bumpIndex: 0 })),
    );

  it('holds between proven transactions that spend what the BEEF lacks', () => {
    const [a, b] = [provenSpend(1, outside(0), outside(1)), provenSpend(2, outside(2), outside(1))];
    expect(judge(beefOf(a, b))).toMatchObject({ code: 'transaction-double-spend', at: { txid: b.txid, input: 1 } });
    expect(judge(beefOf(a, provenSpend(2, outside(2), outside(3))))).toBeUndefined();
  });

  it('tells apart outpoints that differ in one byte, at either end', () => {
    const near = (txid: string) => ({ txid: txid as Txid, vout: 0 });
    const spends = [near(`00${'ab'.repeat(31)}`), near(`${'ab'.repeat(31)}00`), near('ab'.repeat(32)), outside(256)];
    expect(judge(beefOf(...spends.map((spend, salt) => provenSpend(salt, spend))))).toBeUndefined();
  });

  it('counts an output that its parent does not have as an outpoint all the same', () => {
    const parent = provenSpend(1, outside(0));
    const spend = (salt: number, vout: number) => provenSpend(salt, { txid: parent.txid, vout });
    expect(judge(beefOf(parent, spend(2, 9), spend(3, 9)))?.code).toBe('transaction-double-spend');
    expect(judge(beefOf(parent, spend(2, 9), spend(3, 8)))).toBeUndefined();
  });

  it('does not bind coinbases, which all spend the same nothing', () => {
    const coinbases = [1, 2].map((salt) => buildCoinbase(50, salt));
    const bumps = coinbases.map((each, row) => buildBlock(TIP - 10 - row, [each, rich]).bump(0));
    const entries = coinbases.map(({ raw }, bumpIndex) => ({ raw, bumpIndex }));
    expect(judge(buildBeefV2(bumps, entries))).toBeUndefined();
    // What names the same nothing beside another input is no coinbase.
    const nothing = { txid: NULL_TXID, vout: 0xffffffff };
    const pair = [provenSpend(1, nothing, outside(1)), provenSpend(2, nothing, outside(2))];
    expect(judge(beefOf(...pair))?.code).toBe('transaction-double-spend');
  });
});

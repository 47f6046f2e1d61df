import { makeOutpoint, type Txid } from '../bytes';
import type { GraphTransaction } from '../spv/verified-transaction';
import { checkExchange } from './check-exchange';

const asset = 'aa'.repeat(32) as Txid;
const script = Buffer.of(0x51, 0x52);
const terms = {
  asset: { outpoint: makeOutpoint(asset, 3), basket: 'goods', satoshis: 1 },
  price: { satoshis: 500, lockingScript: script, basket: 'income' },
};
const input = (parentTxid: string, parentVout: number) => ({ parentTxid, parentVout });
const output = (satoshis: number, lockingScript: Uint8Array = script) => ({ satoshis, lockingScript });
const subjectOf = (inputs: readonly unknown[], outputs: readonly unknown[]) => ({
  subject: { inputs, outputs } as unknown as GraphTransaction,
});
const spends = [input('bb'.repeat(32), 3), input(asset, 3)];
const handedOn = output(1, Buffer.of(0x53));

describe('an exchange', () => {
  it('spends the asset, hands it on and pays the price in another output', () => {
    const transaction = subjectOf(spends, [output(77), handedOn, output(500)]);
    expect(checkExchange(transaction, terms, 1)).toEqual({ ok: true, value: { assetVout: 1, paymentVout: 2 } });
  });

  it.each([
    ['the amount is one below', spends, [handedOn, output(499)], 0],
    ['the amount is one above', spends, [handedOn, output(501)], 0],
    ['the script is another', spends, [handedOn, output(500, Buffer.of(0x51, 0x53))], 0],
    ['the script goes on', spends, [handedOn, output(500, Buffer.of(0x51, 0x52, 0x53))], 0],
    ['the price is paid in two outputs', spends, [handedOn, output(250), output(250)], 0],
    ['the asset is not spent', [input('bb'.repeat(32), 3)], [handedOn, output(500)], 0],
    ['another output of its transaction is spent', [input(asset, 4)], [handedOn, output(500)], 0],
    ['the output of the asset is missing', spends, [handedOn, output(500)], 2],
    ['what pays is also what hands the asset on', spends, [output(500)], 0],
  ])('is refused where %s', (_, inputs, outputs, assetVout) => {
    expect(checkExchange(subjectOf(inputs, outputs), terms, assetVout)).toMatchObject({
      ok: false,
      rejection: { code: 'offer-unfulfilled' },
    });
  });
});

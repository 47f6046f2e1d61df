import { MerklePath, Transaction, Utils } from '@bsv/sdk';
import { fsck } from '#ledger';
import { DevWallet } from '#testkit';
import {
  PRICE,
  type PaymentRig,
  type Terms,
  openPaidGateway,
  payingScript,
  readTerms,
  writePaymentHeader,
} from './payment-rig';
import { type RawAnswer, RawCaller, type RawRequest, echoRequest } from './raw-caller';

const otherRequest: RawRequest = { ...echoRequest, body: '{"amount":2}' };

let rig: PaymentRig;
let wallet: DevWallet;
let caller: RawCaller;

beforeAll(async () => {
  // One unproven payment of each payer, and not two.
  rig = await openPaidGateway({ exposure: { payerMax: 2 * PRICE - 1 } });
});
afterAll(async () => {
  const broken = (await fsck(rig.gateway.database.dataSource)).filter(({ ok }) => !ok);
  await rig.stop();
  expect(broken).toEqual([]);
});
beforeEach(async () => {
  wallet = new DevWallet();
  caller = await RawCaller.open(rig.gateway.origin, wallet);
  await rig.fund(wallet);
});

const ask = async (request: RawRequest): Promise<Terms> => readTerms(await caller.send(request));
const sendPaid = (terms: Terms, payment: Transaction, request: RawRequest): Promise<RawAnswer> => {
  const header = writePaymentHeader(terms.prefix, payment.toAtomicBEEF());
  return caller.send({ ...request, headers: { ...request.headers, ...header } });
};

describe('a payment that is in a block', () => {
  it('holds the outpoints that it spends, as one that is not', async () => {
    const terms = await ask(echoRequest);
    const payment = await mine(await payWithNewCoin(terms));
    expect((await sendPaid(terms, payment, echoRequest)).status).toBe(200);
    expect(await listSpent(payment)).toHaveLength(payment.inputs.length);
  });

  // The block decides: that coin can be spent by nobody else, whatever was taken here before the block was known.
  it('is taken although its coin was spent here before, by a payment that is not', async () => {
    const [first, second] = [await ask(echoRequest), await ask(otherRequest)];
    const coin = await makeCoin();
    const [unproven, rival] = [await payWith(coin, first), await payWith(coin, second)];
    expect((await sendPaid(first, unproven, echoRequest)).status).toBe(200);
    expect((await sendPaid(second, await mine(rival), otherRequest)).status).toBe(200);
    expect(await sendPaid(first, unproven, echoRequest)).toMatchObject({ status: 422, code: 'payment-unproven' });
  });
});

describe('a payment that the network does not have yet', () => {
  it('is taken within the bound, waits beyond it, and is taken when it is in a block', async () => {
    const [first, second] = [await ask(echoRequest), await ask(otherRequest)];
    // Made first, so that its coin stands on nothing that is not mined.
    const payment = await payWithNewCoin(second);
    expect((await sendPaid(first, await payWithNewCoin(first), echoRequest)).status).toBe(200);
    const waiting = await sendPaid(second, payment, otherRequest);
    expect([waiting.status, waiting.code, waiting.body.toString()]).toEqual([
      503,
      'payment-unknown',
      expect.stringContaining('payment-exposed'),
    ]);
    expect((await sendPaid(second, await mine(payment), otherRequest)).status).toBe(200);
  });
});

interface Coin {
  readonly beef: number[] | Uint8Array;
  readonly owner: DevWallet;
}

const makeCoin = async (): Promise<Coin> => {
  const owner = new DevWallet();
  const { tx = [] } = await wallet.createAction({
    description: 'a coin',
    outputs: [{ satoshis: 1_000, lockingScript: owner.coinLockingScript.toHex(), outputDescription: 'the coin' }],
  });
  return { beef: tx, owner };
};

/** From a wallet of its own, so that one coin can pay twice. */
const payWith = async ({ beef, owner }: Coin, terms: Terms): Promise<Transaction> => {
  const spender = new DevWallet();
  spender.addFunding(beef, 0, owner.coinKey);
  const { tx = [] } = await spender.createAction({
    description: 'a payment',
    outputs: [{ satoshis: PRICE, lockingScript: await payingScript(wallet, terms), outputDescription: 'the payment' }],
  });
  return Transaction.fromAtomicBEEF(tx);
};

const payWithNewCoin = async (terms: Terms): Promise<Transaction> => payWith(await makeCoin(), terms);

/** Sends the payment and its parent to the development network and has them mined; the gateway knows the block on return. */
const mine = async (payment: Transaction): Promise<Transaction> => {
  for (const transaction of [payment.inputs[0]?.sourceTransaction, payment]) {
    await order('arc/v1/tx', { rawTx: transaction?.toHexEF() });
  }
  await order('admin/mine', {});
  const { merklePath } = await order<{ merklePath: string }>(`arc/v1/tx/${payment.id('hex')}`);
  payment.merklePath = MerklePath.fromHex(merklePath);
  // Waits until the gateway is at the tip.
  await rig.fund(new DevWallet());
  return payment;
};

const order = async <T>(path: string, body?: unknown): Promise<T> => {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${rig.devnet.url}/${path}`, body === undefined ? {} : sent);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
};

const listSpent = (payment: Transaction): Promise<unknown[]> =>
  rig.gateway.database.owner.query('select outpoint from portcullis.spent_outpoint where spender_txid = $1', [
    Buffer.from(Utils.toArray(payment.id('hex'), 'hex')).reverse(),
  ]);

import type { Txid } from '#atomic-core';
import { retractTransition } from '#ledger';
import { DevWallet } from '#testkit';
import { type PaymentRig, openPaidGateway, pay, readTerms } from '../contract/payment-rig';
import { RawCaller, echoRequest } from '../contract/raw-caller';
import { PaymentsModule } from '../../src/payments';
import { QuotePruningRunner } from '../../src/payments/quote-pruning.runner';

describe('payment terms that nobody means to pay', () => {
  let rig: PaymentRig;
  beforeAll(async () => (rig = await openPaidGateway()), 60_000);
  afterAll(() => rig.stop());

  // Each request without payment leaves a row; a query of 50 KB must not make it one of 50 KB.
  it('leave a small row, however long the query', async () => {
    const wallet = new DevWallet();
    const caller = await RawCaller.open(rig.gateway.origin, wallet);
    const url = `/v1/test/echo?${'x'.repeat(50_000)}`;
    expect(await caller.send({ ...echoRequest, url })).toMatchObject({ status: 402 });
    const [row] = await rig.gateway.database.owner.query<{ bytes: number }[]>(
      'select octet_length(q::text)::int as bytes from portcullis.payment_quote q where identity_key = $1',
      [wallet.identityKey],
    );
    expect(row?.bytes).toBeLessThan(2_000);
  });

  it('are looked for by a runner of the gateway', () => {
    expect(Reflect.getMetadata('providers', PaymentsModule)).toContain(QuotePruningRunner);
  });

  it('are said to have expired when they are forgotten, for they were ours', async () => {
    const wallet = new DevWallet();
    await rig.fund(wallet);
    const caller = await RawCaller.open(rig.gateway.origin, wallet);
    const payment = await pay(wallet, readTerms(await caller.send(echoRequest)));
    await rig.gateway.database.owner.query('delete from portcullis.payment_quote where identity_key = $1', [
      wallet.identityKey,
    ]);
    const refused = await caller.send({ ...echoRequest, headers: { ...echoRequest.headers, ...payment } });
    expect(refused).toMatchObject({ status: 409, code: 'payment-quote-expired' });
  });

  // What came back from the network as never paid must not be served as paid once more.
  it('do not serve a payment again that the network refused', async () => {
    const wallet = new DevWallet();
    await rig.fund(wallet);
    const caller = await RawCaller.open(rig.gateway.origin, wallet);
    const payment = await pay(wallet, readTerms(await caller.send(echoRequest)));
    const paid = { ...echoRequest, headers: { ...echoRequest.headers, ...payment } };
    expect(await caller.send(paid)).toMatchObject({ status: 200 });
    const [claim] = await rig.gateway.database.owner.query<{ txid: string }[]>(
      `select encode(txid, 'hex') as txid from portcullis.payment_claim where identity_key = $1`,
      [wallet.identityKey],
    );
    const txid = Buffer.from(claim?.txid ?? '', 'hex')
      .reverse()
      .toString('hex') as Txid;
    expect(await retractTransition(rig.gateway.database.dataSource, txid, 'double spent')).toEqual([txid]);
    const served = rig.gateway.served.length;
    expect(await caller.send(paid)).toMatchObject({ status: 422, code: 'payment-unproven' });
    expect(rig.gateway.served).toHaveLength(served);
  });
});

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { createAuthMiddleware } from '@bsv/auth-express-middleware';
import { createPaymentMiddleware } from '@bsv/payment-express-middleware';
import type { WalletInterface } from '@bsv/sdk';
import express from 'express';
import { DevWallet } from '#testkit';
import { readTerms, writePaymentHeader } from './payment-rig';
import { type RawAnswer, RawCaller, type RawRequest, echoRequest } from './raw-caller';

/**
 * Defects C1 to C4 of PROTOCOLS §0, as the stock payment middleware has them. `payment.spec.ts` tries the same against the gateway; the names of its
 * tests carry the same letters.
 */
interface StockPayments {
  readonly origin: string;
  /** What the wallet behind the middleware says of every payment. */
  judge: () => { accepted: boolean };
  stop(): Promise<void>;
}

const openStockPayments = async (): Promise<StockPayments> => {
  const wallet = new DevWallet();
  const stock = { judge: () => ({ accepted: true }) };
  const internalizeAction = async (): Promise<{ accepted: boolean }> => stock.judge();
  const serverWallet = Object.assign(wallet, { internalizeAction }) as unknown as WalletInterface;
  const app = express();
  app.use(express.json());
  app.use(createAuthMiddleware({ wallet: serverWallet }));
  app.use(
    createPaymentMiddleware({ wallet: serverWallet, calculateRequestPrice: () => 200 }) as express.RequestHandler,
  );
  app.use((request, response) => void response.json({ path: request.path }));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(stock, {
    origin: `http://127.0.0.1:${String(port)}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
};

let stock: StockPayments;
let caller: RawCaller;

beforeAll(async () => {
  stock = await openStockPayments();
});
afterAll(() => stock.stop());
beforeEach(async () => {
  stock.judge = () => ({ accepted: true });
  caller = await RawCaller.open(stock.origin, new DevWallet());
});

const garbage = [1, 2, 3];
const ask = async (): Promise<string> => readTerms(await caller.send(echoRequest)).prefix;
const sendPaid = (
  prefix: string,
  transaction: number[] | Uint8Array,
  request: RawRequest = echoRequest,
): Promise<RawAnswer> =>
  caller.send({ ...request, headers: { ...request.headers, ...writePaymentHeader(prefix, transaction) } });

describe('the stock payment middleware', () => {
  it('serves any bytes as the full price, and what its wallet did not accept (C1)', async () => {
    const paid = await sendPaid(await ask(), garbage);
    expect([paid.status, paid.headers.get('x-bsv-payment-satoshis-paid')]).toEqual([200, '200']);
    stock.judge = () => ({ accepted: false });
    expect((await sendPaid(await ask(), garbage)).status).toBe(200);
  });

  it('serves one payment again, on another path and to another identity (C1, C2)', async () => {
    const prefix = await ask();
    expect((await sendPaid(prefix, garbage)).status).toBe(200);
    expect((await sendPaid(prefix, garbage)).status).toBe(200);
    expect((await sendPaid(prefix, garbage, { ...echoRequest, url: '/something/dearer' })).status).toBe(200);
    caller = await RawCaller.open(stock.origin, new DevWallet());
    expect((await sendPaid(prefix, garbage)).status).toBe(200);
  });

  it('gives new terms for every 402, so that a retry pays twice', async () => {
    expect(await ask()).not.toBe(await ask());
  });

  it('calls a failure of its own wallet a bad payment (C3)', async () => {
    stock.judge = () => {
      throw new Error('the database is down');
    };
    expect((await sendPaid(await ask(), garbage)).status).toBe(400);
  });

  it('never sees a payment of more than 16 KiB: Node refuses its header (C4)', async () => {
    expect((await sendPaid(await ask(), new Uint8Array(17_000))).status).toBe(431);
  });
});

import { randomBytes, randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { createAuthMiddleware } from '@bsv/auth-express-middleware';
import { PrivateKey, type WalletInterface } from '@bsv/sdk';
import express from 'express';
import { GatewayClient, GatewayProblem, PaymentTooLarge, SecondPaymentRefused } from '#client';
import { DevWallet, type DocumentContent, issueDocument } from '#testkit';
import { type Caller, SubmissionsRig } from './submissions-rig';

const PRICE = 200;

/** A wire to the gateway that loses the answer to the next paid request: the gateway has committed, the caller sees a dead socket. */
const openLossyWire = async (target: string) => {
  const { hostname, port } = new URL(target);
  let losses = 0;
  let lost = 0;
  const sockets = new Set<Socket>();
  const wire = createTcpServer((caller) => {
    const gateway = connect(Number(port), hostname);
    let paid = false;
    for (const socket of [caller, gateway]) sockets.add(socket.on('error', () => undefined));
    caller.on('data', (bytes) => {
      paid ||= /x-bsv-payment:/iu.test(bytes.toString('latin1'));
      gateway.write(bytes);
    });
    gateway.on('data', (bytes) => {
      if (!paid || lost >= losses) return void caller.write(bytes);
      lost += 1;
      caller.destroy();
      gateway.destroy();
    });
    caller.on('close', () => gateway.destroy());
    gateway.on('close', () => caller.destroy());
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(wire.address() as AddressInfo).port}`,
    loseNext: () => (losses = lost + 1),
    lost: () => lost,
    close: () => {
      for (const socket of sockets) socket.destroy();
      wire.close();
    },
  };
};

/** A gateway with a right identity that takes no payment for an answer: it asks again, on other terms each time. */
const openGreedyGateway = async (): Promise<Server> => {
  const wallet = new DevWallet(PrivateKey.fromRandom()) as WalletInterface;
  const app = express();
  app.use(express.json(), createAuthMiddleware({ wallet }), (_request, response) => {
    response.status(402).set({
      'x-bsv-payment-version': '1.0',
      'x-bsv-payment-satoshis-required': String(PRICE),
      'x-bsv-payment-derivation-prefix': randomBytes(16).toString('base64'),
    });
    response.json({ code: 'payment-required', next: 'pay' });
  });
  const greedy = createServer(app);
  await new Promise<void>((resolve) => greedy.listen(0, '127.0.0.1', resolve));
  return greedy;
};

describe('the client', () => {
  jest.setTimeout(120_000);
  let rig: SubmissionsRig;
  let caller: Caller;
  let wire: Awaited<ReturnType<typeof openLossyWire>>;
  const content = (documentId: string): DocumentContent => ({
    kind: 'order',
    documentId,
    contentHash: randomBytes(32),
  });
  const clientAt = (baseUrl: string, more: { satoshisMaxPerCall?: number; attemptsMax?: number } = {}) =>
    new GatewayClient({ baseUrl, wallet: caller.purse, ...more });
  const issue = async () => ({
    beef: (await issueDocument(caller.wallet, content(`C-${randomUUID()}`))).beef,
    topics: ['tm_documents'],
  });
  /** How often the purse paid while `act` ran, whatever became of it. */
  const countPayments = async (act: () => Promise<unknown>): Promise<number> => {
    const createAction = jest.spyOn(caller.purse, 'createAction');
    try {
      await act();
      return createAction.mock.calls.length;
    } finally {
      createAction.mockRestore();
    }
  };

  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    caller = await rig.openCaller();
    wire = await openLossyWire(rig.url);
  });
  afterAll(async () => {
    wire.close();
    await rig.close();
  });

  it('submits, pays once, and finds what it submitted', async () => {
    const client = clientAt(rig.url);
    const claims = await rig.count('payment_claim');
    const request = await issue();
    let receipt = await client.submit(request);
    expect(receipt.admittance).toMatchObject({ tm_documents: { outputsToAdmit: [0] } });
    expect((await client.findSubmission(receipt.txid)).id).toBe(receipt.id);
    expect((await client.fetchBeef(receipt.id)).subarray(0, 4)).toEqual(Uint8Array.of(1, 1, 1, 1));
    expect(await rig.count('payment_claim')).toBe(claims + 1);
    const { id } = receipt;
    expect(await countPayments(async () => (receipt = await client.submit(request)))).toBeLessThanOrEqual(1);
    expect(receipt.id).toBe(id);
  });

  it('sends the same payment again after a lost answer, and gets the receipt of the one COMMIT', async () => {
    const client = clientAt(wire.url);
    const claims = await rig.count('payment_claim');
    const transitions = await rig.count('transition');
    const request = await issue();
    wire.loseNext();
    const paid = await countPayments(async () => {
      const receipt = await client.submit(request);
      expect(await client.findSubmission(receipt.id)).toMatchObject({ txid: receipt.txid });
    });
    expect(wire.lost()).toBe(1);
    expect(paid).toBe(1);
    expect(await rig.count('payment_claim')).toBe(claims + 1);
    expect(await rig.count('transition')).toBe(transitions + 1);
  });

  it('explains without paying or applying, and throws nothing for what would be refused', async () => {
    const request = await issue();
    const client = clientAt(rig.url);
    const transitions = await rig.count('transition');
    const verdict = await client.explain(request);
    expect(verdict).toMatchObject({ accepted: true, plan: { topics: request.topics } });
    const cut = await client.explain({ beef: request.beef.subarray(0, -5) });
    expect(cut).toMatchObject({ accepted: false, stage: 'read', code: 'beef-truncated', txid: null });
    expect(await rig.count('transition')).toBe(transitions);
  });

  it('makes no payment above its cap', async () => {
    const request = await issue();
    const client = clientAt(rig.url, { satoshisMaxPerCall: PRICE - 1 });
    const paid = await countPayments(async () => {
      const refusal = await client.submit(request).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(PaymentTooLarge);
      expect(refusal).toMatchObject({ satoshisAsked: PRICE, satoshisMax: PRICE - 1 });
    });
    expect(paid).toBe(0);
  });

  it('pays a gateway that changes its terms once and never again', async () => {
    const greedy = await openGreedyGateway();
    const { port } = greedy.address() as AddressInfo;
    try {
      const paid = await countPayments(async () => {
        const refusal = await clientAt(`http://127.0.0.1:${port}`)
          .submit({ beef: Uint8Array.of(1), topics: ['tm_documents'] })
          .catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(SecondPaymentRefused);
        expect((refusal as SecondPaymentRefused).payment?.txid).toMatch(/^[0-9a-f]{64}$/u);
      });
      expect(paid).toBe(1);
    } finally {
      greedy.closeAllConnections();
      greedy.close();
    }
  });

  it('throws a refusal as a problem with its code, and does not repeat what must be fixed', async () => {
    const refusal = await clientAt(rig.url)
      .findSubmission(randomUUID())
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(GatewayProblem);
    expect(refusal).toMatchObject({ status: 404, code: 'submission-unknown', next: 'stop' });
    expect((refusal as GatewayProblem).requestId).toBeDefined();
  });
});

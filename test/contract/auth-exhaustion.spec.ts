import { randomBytes } from 'node:crypto';
import { request as openRequest } from 'node:http';
import { Peer, PrivateKey } from '@bsv/sdk';
import { openGatewayKeys } from '#atomic-core';
import { DevWallet } from '#testkit';
import { parseSettings, resolveConfig } from '../../src/config';
import { HandshakeService } from '../../src/identity/handshake.service';
import type { RejectionError } from '../../src/ingress';
import { GATEWAY_PRIVATE_KEY, type GatewayRig, openGateway } from './gateway-rig';
import {
  RawCaller,
  type RawRequest,
  echoRequest,
  replaceHeaders,
  sendAuthMessage,
  sendHttp,
  writeInitialRequest,
} from './raw-caller';
import { type StockRig, openStock } from './stock-rig';

/** Each defect of PROTOCOLS §0: the attack is shown to work against the stock middleware, then tried here. */
let gateway: GatewayRig;
let stock: StockRig;

beforeAll(async () => {
  [gateway, stock] = [await openGateway(), await openStock()];
});
afterAll(async () => {
  await stock.stop();
  await gateway.stop();
});

describe('A6: what failed requests and handshakes leave behind', () => {
  const badSignature = async (caller: RawCaller): Promise<RawRequest> => ({
    ...(await caller.sign(echoRequest)),
    body: '{}',
  });

  it('the stock middleware keeps a listener for each bad signature and a session for each handshake', async () => {
    const opened = jest.spyOn(Peer.prototype, 'listenForGeneralMessages');
    const closed = jest.spyOn(Peer.prototype, 'stopListeningForGeneralMessages');
    const caller = await RawCaller.open(stock.origin, new DevWallet());
    for (let i = 0; i < 20; i += 1) await sendHttp(stock.origin, await badSignature(caller));
    expect(opened.mock.calls.length - closed.mock.calls.length).toBe(20);
    jest.restoreAllMocks();
    const identities = Array.from({ length: 20 }, () => PrivateKey.fromRandom().toPublicKey().toString());
    for (const identity of identities) await sendAuthMessage(stock.origin, writeInitialRequest(identity));
    expect(identities.every((identity) => stock.sessions.hasSession(identity))).toBe(true);
  });

  it('bad signatures leave no row here and use up no nonce', async () => {
    const caller = await RawCaller.open(gateway.origin, new DevWallet());
    const signed = await caller.sign(echoRequest);
    for (let i = 0; i < 20; i += 1) await sendHttp(gateway.origin, { ...signed, body: '{}' });
    const [row] = await gateway.database.owner.query<{ nonces: string }[]>(
      'select count(*) as nonces from portcullis.auth_nonce where session_nonce = $1',
      [caller.sessionNonce],
    );
    expect(row?.nonces).toBe('0');
    expect((await sendHttp(gateway.origin, signed)).status).toBe(200);
  });

  it('forged session nonces are refused here without asking the database', async () => {
    const caller = await RawCaller.open(gateway.origin, new DevWallet());
    const statements = jest.spyOn(gateway.pool, 'query');
    const forged = await Promise.all(
      Array.from({ length: 20 }, async () =>
        sendHttp(
          gateway.origin,
          replaceHeaders(await caller.sign(echoRequest), {
            'x-bsv-auth-your-nonce': randomBytes(48).toString('base64'),
          }),
        ),
      ),
    );
    expect(forged.every(({ code }) => code === 'auth-session-unknown')).toBe(true);
    expect(statements).not.toHaveBeenCalled();
    statements.mockRestore();
  });

  it('a flood of handshakes is slowed down here before it becomes rows', async () => {
    const limits = { perSecondAndAddress: 1, perSecond: 2, addressesMax: 100 };
    const config = resolveConfig(parseSettings({ identityKey: GATEWAY_PRIVATE_KEY }));
    const service = new HandshakeService(config, openGatewayKeys(GATEWAY_PRIVATE_KEY), gateway.pool, limits);
    const identityKey = new DevWallet().identityKey;
    const flood = async (address: string): Promise<string> => {
      const message = Buffer.from(JSON.stringify(writeInitialRequest(identityKey)));
      const opened = service.open(message, address);
      return opened.then(() => 'opened').catch((error: unknown) => (error as RejectionError).rejection.code);
    };
    // All within one turn of the event loop: the buckets hold 2 for an address and 4 for all.
    const outcomes = await Promise.all(['a', 'a', 'a', 'b', 'b', 'b', 'c', 'd'].map((address) => flood(address)));
    const [slowed, opened] = ['rate-limited', 'opened'];
    expect(outcomes).toEqual([opened, opened, slowed, opened, opened, slowed, slowed, slowed]);
    const [row] = await gateway.database.owner.query<{ n: string }[]>(
      'select count(*) as n from portcullis.auth_session where identity_key = $1',
      [identityKey],
    );
    expect(Number(row?.n)).toBe(4);
  });
});

describe('A7: an empty answer', () => {
  const emptyAnswer = async (origin: string): Promise<boolean> => {
    const caller = await RawCaller.open(origin, new DevWallet());
    return caller.isSignedForMe(await caller.send({ method: 'GET', url: '/v1/test/empty' }));
  };
  it('does not verify from the stock middleware, so AuthFetch waits for ever', async () => {
    expect(await emptyAnswer(stock.origin)).toBe(false);
  });
  it('does not exist here', async () => expect(await emptyAnswer(gateway.origin)).toBe(true));
});

describe('A10: the framework between the middleware and the wire', () => {
  it('the stock middleware fails the handshake when the body is parsed after it', async () => {
    const late = await openStock({ parseAfterAuth: true });
    try {
      const answer = await sendAuthMessage(late.origin, writeInitialRequest(new DevWallet().identityKey));
      expect(answer.status).toBe(500);
    } finally {
      await late.stop();
    }
  });

  it.each(['/v1/test/stream', '/v1/test/elsewhere', '/v1/test/empty', '/v1/test/fault', '/v1/nowhere'])(
    'nothing leaves NestJS unsigned here: %s',
    async (url) => {
      const caller = await RawCaller.open(gateway.origin, new DevWallet());
      expect(await caller.isSignedForMe(await caller.send({ method: 'GET', url }))).toBe(true);
    },
  );

  it.each(['/v1/identity', '/v1/nowhere', '/%76%31/identity', '/v1', '/v1?x=1', '/v1/test/../identity'])(
    'nothing under /v1 is served unauthenticated: %s',
    async (url) => {
      const { port } = new URL(gateway.origin);
      const { status, code } = await sendPlain(Number(port), url);
      expect({ status, code }).toEqual({ status: 401, code: 'auth-required' });
    },
  );
});

/** `fetch` would tidy the path up. */
const sendPlain = (port: number, path: string): Promise<{ status: number; code: string | undefined }> =>
  new Promise((resolve, reject) => {
    openRequest({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { code } = JSON.parse(Buffer.concat(chunks).toString()) as { code?: string };
        resolve({ status: response.statusCode ?? 0, code });
      });
    })
      .on('error', reject)
      .end();
  });

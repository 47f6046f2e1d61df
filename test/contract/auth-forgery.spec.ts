import { DevWallet } from '#testkit';
import { type GatewayRig, openGateway } from './gateway-rig';
import { RawCaller, echoRequest, sendAuthMessage, sendHttp, writeInitialRequest } from './raw-caller';

/** What test/hostile/identity tries on the stock middleware too is not repeated here. */
let gateway: GatewayRig;

beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway.stop();
});
beforeEach(() => {
  gateway.served.length = 0;
});

describe("a handshake in the gateway's own name", () => {
  it('opens no session: what the gateway signs in it could be made to read as a request of its own', async () => {
    const { gatewayKey } = await RawCaller.open(gateway.origin, new DevWallet());
    const answer = await sendAuthMessage(gateway.origin, writeInitialRequest(gatewayKey));
    expect([answer.status, answer.code]).toEqual([401, 'auth-malformed']);
  });
});

describe('A3: the same signed request again', () => {
  it('is executed once, however many come at once', async () => {
    const signed = await (await RawCaller.open(gateway.origin, new DevWallet())).sign(echoRequest);
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendHttp(gateway.origin, signed)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(gateway.served).toHaveLength(1);
  });

  it('is refused after its session has ended and its nonces were removed', async () => {
    const signed = await (await RawCaller.open(gateway.origin, new DevWallet())).sign(echoRequest);
    expect((await sendHttp(gateway.origin, signed)).status).toBe(200);
    await gateway.database.owner.query('delete from portcullis.auth_session');
    expect(await sendHttp(gateway.origin, signed)).toMatchObject({ status: 401, code: 'auth-session-unknown' });
  });
});

describe('A4: a body that the signature does not cover', () => {
  const injectBody = async (origin: string, type: string): Promise<{ status: number; code: string | undefined }> => {
    const caller = await RawCaller.open(origin, new DevWallet());
    const signed = await caller.sign({ method: 'POST', url: echoRequest.url, headers: { 'content-type': type } });
    return sendHttp(origin, { ...signed, body: '{"amount":1000000}' });
  };

  it.each(['application/json; charset=utf-8', 'application/json', 'application/octet-stream', 'x/y'])(
    'is refused as %s',
    async (type) => {
      expect(await injectBody(gateway.origin, type)).toMatchObject({ status: 401, code: 'auth-signature-invalid' });
      expect(gateway.served).toEqual([]);
    },
  );
});

import { DevWallet } from '#testkit';
import { type GatewayRig, openGateway } from './gateway-rig';
import { RawCaller, echoRequest, replaceHeaders, sendAuthMessage, sendHttp, writeInitialRequest } from './raw-caller';
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
beforeEach(() => {
  gateway.served.length = 0;
  stock.served.length = 0;
});

describe('A1: a session of mine, the identity of another', () => {
  const impersonate = async (
    origin: string,
    victim: DevWallet,
  ): Promise<{ status: number; code: string | undefined }> => {
    const attacker = await RawCaller.open(origin, new DevWallet());
    const signed = await attacker.sign(echoRequest);
    return sendHttp(origin, replaceHeaders(signed, { 'x-bsv-auth-identity-key': victim.identityKey }));
  };

  it('the stock middleware runs the handler as the victim', async () => {
    const victim = new DevWallet();
    await RawCaller.open(stock.origin, victim);
    expect((await impersonate(stock.origin, victim)).status).toBe(200);
    expect(stock.served).toEqual([victim.identityKey]);
  });

  it('is refused here before the handler', async () => {
    const victim = new DevWallet();
    await RawCaller.open(gateway.origin, victim);
    expect(await impersonate(gateway.origin, victim)).toMatchObject({ status: 401, code: 'auth-identity-mismatch' });
    expect(gateway.served).toEqual([]);
  });
});

describe('A3: the same signed request again', () => {
  const sendTwice = async (origin: string): Promise<(number | string | undefined)[]> => {
    const signed = await (await RawCaller.open(origin, new DevWallet())).sign(echoRequest);
    const first = await sendHttp(origin, signed);
    const second = await sendHttp(origin, signed);
    return [first.status, second.status, second.code];
  };

  it('is executed again by the stock middleware', async () => {
    expect((await sendTwice(stock.origin)).slice(0, 2)).toEqual([200, 200]);
    expect(stock.served).toHaveLength(2);
  });

  it('is refused here', async () => {
    expect(await sendTwice(gateway.origin)).toEqual([200, 401, 'auth-replayed']);
    expect(gateway.served).toHaveLength(1);
  });

  it('is executed once here however many come at once', async () => {
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

  it('reaches the handler of the stock middleware', async () => {
    const injected = await injectBody(stock.origin, 'application/json; charset=utf-8');
    expect(injected.status).toBe(200);
    expect(JSON.parse((injected as { body?: Buffer }).body?.toString() ?? '')).toMatchObject({
      body: '{"amount":1000000}',
    });
  });

  it.each(['application/json; charset=utf-8', 'application/json', 'application/octet-stream', 'x/y'])(
    'is refused here as %s',
    async (type) => {
      expect(await injectBody(gateway.origin, type)).toMatchObject({ status: 401, code: 'auth-signature-invalid' });
      expect(gateway.served).toEqual([]);
    },
  );
});

describe('A5: an unsigned handshake in the name of another', () => {
  const answerDuringAttack = async (rig: GatewayRig | StockRig): Promise<boolean> => {
    const victim = new DevWallet();
    const caller = await RawCaller.open(rig.origin, victim);
    const pending = caller.send({ method: 'GET', url: '/v1/test/slow' });
    await rig.gate.entered;
    expect((await sendAuthMessage(rig.origin, writeInitialRequest(victim.identityKey))).status).toBe(200);
    rig.gate.open();
    return caller.isSignedForMe(await pending);
  };

  it("makes the victim's answer unverifiable with the stock middleware", async () => {
    expect(await answerDuringAttack(stock)).toBe(false);
  });

  it('changes nothing for the victim here', async () => {
    expect(await answerDuringAttack(gateway)).toBe(true);
  });

  it('gives the attacker a session that serves nothing', async () => {
    const victim = new DevWallet();
    const answer = await sendAuthMessage(gateway.origin, writeInitialRequest(victim.identityKey));
    const { initialNonce } = JSON.parse(answer.body.toString()) as { initialNonce: string };
    const attacker = await RawCaller.open(gateway.origin, new DevWallet());
    const signed = replaceHeaders(await attacker.sign(echoRequest), {
      'x-bsv-auth-your-nonce': initialNonce,
      'x-bsv-auth-identity-key': victim.identityKey,
    });
    expect(await sendHttp(gateway.origin, signed)).toMatchObject({ status: 401, code: 'auth-signature-invalid' });
  });
});

import { randomBytes } from 'node:crypto';
import { request as openRequest } from 'node:http';
import { MasterCertificate, Peer, PrivateKey, ProtoWallet, Utils, VerifiableCertificate } from '@bsv/sdk';
import { DevWallet } from '#testkit';
import { type GatewayRig, openGateway } from './gateway-rig';
import { RawCaller, type RawRequest, sendAuthMessage, sendHttp, writeInitialRequest } from './raw-caller';
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

const post: RawRequest = {
  method: 'POST',
  url: '/v1/test/echo',
  headers: { 'content-type': 'application/json' },
  body: '{"amount":1}',
};
const replaceHeaders = (request: RawRequest, headers: Record<string, string>): RawRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

describe('A1: a session of mine, the identity of another', () => {
  const impersonate = async (
    origin: string,
    victim: DevWallet,
  ): Promise<{ status: number; code: string | undefined }> => {
    const attacker = await RawCaller.open(origin, new DevWallet());
    const signed = await attacker.sign(post);
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

/** Long enough for an answer, short enough to show that none comes. */
const HANGS_MS = 1_000;
const statusOf = (answer: Promise<{ status: number }>): Promise<number | 'no answer'> =>
  answer.then(({ status }) => status).catch(() => 'no answer' as const);

/** A signed certificateResponse on a session of the wallet. */
const sendCertificates = async (
  caller: RawCaller,
  wallet: DevWallet,
  certificates: unknown,
): Promise<number | 'no answer'> => {
  const nonce = randomBytes(32).toString('base64');
  const { signature } = await wallet.createSignature({
    data: [...Buffer.from(JSON.stringify(certificates))],
    protocolID: [2, 'auth message signature'],
    keyID: `${nonce} ${caller.sessionNonce}`,
    counterparty: caller.gatewayKey,
  });
  const message = {
    version: '0.1',
    messageType: 'certificateResponse',
    identityKey: caller.identityKey,
    nonce,
    initialNonce: caller.peerNonce,
    yourNonce: caller.sessionNonce,
    certificates,
    signature,
  };
  return statusOf(sendAuthMessage(caller.origin, message, AbortSignal.timeout(HANGS_MS)));
};

describe('A2: a certificate that nobody asked for', () => {
  const type = Utils.toBase64(Array.from({ length: 32 }, () => 1));
  const issueRogueCertificate = async (holder: DevWallet, verifier: string): Promise<unknown> => {
    const rogue = new ProtoWallet(PrivateKey.fromRandom());
    const issued = await MasterCertificate.issueCertificateForSubject(
      rogue,
      holder.identityKey,
      { role: 'director' },
      Utils.toBase64([...randomBytes(32)]),
      async () => `${'00'.repeat(32)}.0`,
    );
    const { certifier, fields, masterKeyring, serialNumber } = issued;
    const keyring = await MasterCertificate.createKeyringForVerifier(
      holder,
      certifier,
      verifier,
      fields,
      ['role'],
      masterKeyring,
      serialNumber,
    );
    return JSON.parse(JSON.stringify(VerifiableCertificate.fromCertificate(issued, keyring)));
  };
  const present = async (origin: string): Promise<{ upload: unknown; resource: unknown }> => {
    const holder = new DevWallet();
    const caller = await RawCaller.open(origin, holder);
    const certificate = await issueRogueCertificate(holder, caller.gatewayKey);
    const upload = await sendCertificates(caller, holder, [certificate]);
    const resource = sendHttp(origin, await caller.sign(post), AbortSignal.timeout(HANGS_MS));
    return { upload, resource: await statusOf(resource) };
  };

  it('opens the protected route of the stock middleware', async () => {
    const certifiers = [PrivateKey.fromRandom().toPublicKey().toString()];
    const strict = await openStock({ certificatesToRequest: { certifiers, types: { [type]: ['role'] } } });
    try {
      expect(await present(strict.origin)).toMatchObject({ resource: 200 });
    } finally {
      await strict.stop();
    }
  });

  it('is refused here and grants nothing: no route looks at certificates yet', async () => {
    expect(await present(gateway.origin)).toEqual({ upload: 400, resource: 200 });
  });
});

describe('A3: the same signed request again', () => {
  const sendTwice = async (origin: string): Promise<(number | string | undefined)[]> => {
    const signed = await (await RawCaller.open(origin, new DevWallet())).sign(post);
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
    const signed = await (await RawCaller.open(gateway.origin, new DevWallet())).sign(post);
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendHttp(gateway.origin, signed)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(gateway.served).toHaveLength(1);
  });

  it('is refused after its session has ended and its nonces were removed', async () => {
    const signed = await (await RawCaller.open(gateway.origin, new DevWallet())).sign(post);
    expect((await sendHttp(gateway.origin, signed)).status).toBe(200);
    await gateway.database.owner.query('delete from portcullis.auth_session');
    expect(await sendHttp(gateway.origin, signed)).toMatchObject({ status: 401, code: 'auth-session-unknown' });
  });
});

describe('A4: a body that the signature does not cover', () => {
  const injectBody = async (origin: string, type: string): Promise<{ status: number; code: string | undefined }> => {
    const caller = await RawCaller.open(origin, new DevWallet());
    const signed = await caller.sign({ method: 'POST', url: post.url, headers: { 'content-type': type } });
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
    const signed = replaceHeaders(await attacker.sign(post), {
      'x-bsv-auth-your-nonce': initialNonce,
      'x-bsv-auth-identity-key': victim.identityKey,
    });
    expect(await sendHttp(gateway.origin, signed)).toMatchObject({ status: 401, code: 'auth-signature-invalid' });
  });
});

describe('A6: what failed requests and handshakes leave behind', () => {
  const badSignature = async (caller: RawCaller): Promise<RawRequest> => ({ ...(await caller.sign(post)), body: '{}' });

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
    const signed = await caller.sign(post);
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
          replaceHeaders(await caller.sign(post), { 'x-bsv-auth-your-nonce': randomBytes(48).toString('base64') }),
        ),
      ),
    );
    expect(forged.every(({ code }) => code === 'auth-session-unknown')).toBe(true);
    expect(statements).not.toHaveBeenCalled();
    statements.mockRestore();
  });

  it('a flood of handshakes is slowed down here, and ended sessions are removed', async () => {
    const flooded = await openGateway();
    try {
      const identityKey = new DevWallet().identityKey;
      const answers = await Promise.all(
        Array.from({ length: 300 }, () => sendAuthMessage(flooded.origin, writeInitialRequest(identityKey))),
      );
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(50);
      expect(refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true);
      const count = async (): Promise<number> => {
        const rows = await flooded.database.owner.query<{ n: string }[]>(
          'select count(*) as n from portcullis.auth_session',
        );
        return Number(rows[0]?.n);
      };
      expect(await count()).toBe(300 - refused.length);
    } finally {
      await flooded.stop();
    }
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

describe('A8: a certificateResponse when a session exists', () => {
  const sendNone = async (origin: string): Promise<number | 'no answer'> => {
    const holder = new DevWallet();
    return sendCertificates(await RawCaller.open(origin, holder), holder, []);
  };

  it('is never answered by the stock middleware', async () => expect(await sendNone(stock.origin)).toBe('no answer'));
  it('is answered at once here', async () => expect(await sendNone(gateway.origin)).toBe(400));

  it.each(['certificateRequest', 'general', 'initialResponse', 'nonsense', undefined])(
    'and so is a message of type %s',
    async (messageType) => {
      const answer = await sendAuthMessage(gateway.origin, { version: '0.1', messageType });
      expect(answer).toMatchObject({ status: 400, code: 'auth-message-unexpected' });
    },
  );
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

import { request as openRequest } from 'node:http';
import { DevWallet } from '#testkit';
import { parseSettings, resolveConfig } from '../../src/config';
import { CertificateExchange } from '../../src/identity/certificate-exchange';
import { HandshakeService } from '../../src/identity/handshake.service';
import { NonceClaims } from '../../src/identity/nonce-claims';
import { OrganisationDirectory } from '../../src/identity/organisation-directory';
import { OwnCertificates } from '../../src/identity/own-certificates.service';
import { StrangerTurns } from '../../src/identity/stranger-turns';
import type { RejectionError } from '../../src/ingress';
import { KeyRing } from '../../src/keys';
import { Log } from '../../src/telemetry';
import { GATEWAY_PRIVATE_KEY, type GatewayRig, openGateway } from './gateway-rig';
import { RawCaller, echoRequest, sendHttp, writeInitialRequest } from './raw-caller';

/** What test/hostile/identity tries on the stock middleware too is not repeated here. */
let gateway: GatewayRig;

beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway.stop();
});

describe('A6: what failed requests and handshakes leave behind', () => {
  it('bad signatures leave no row and use up no nonce', async () => {
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

  it('a flood of handshakes is slowed down before it becomes rows', async () => {
    const limits = { perSecondAndAddress: 1, perSecond: 2, addressesMax: 100 };
    const config = resolveConfig(parseSettings({ identityKey: GATEWAY_PRIVATE_KEY }));
    const keys = KeyRing.ofRoots([{ root: Buffer.from(GATEWAY_PRIVATE_KEY, 'hex'), fromMs: 0, untilMs: undefined }]);
    const nonces = new NonceClaims(gateway.pool);
    const directory = new OrganisationDirectory(config);
    const own = new OwnCertificates(config, keys, gateway.pool, directory, new Log({ level: 'silent' }));
    const exchange = new CertificateExchange(keys, gateway.pool, nonces, directory, own);
    const service = new HandshakeService(config, keys, gateway.pool, exchange, new StrangerTurns(), limits);
    const identityKey = new DevWallet().identityKey;
    const flood = async (address: string): Promise<string> => {
      const message = Buffer.from(JSON.stringify(writeInitialRequest(identityKey)));
      const opened = service.receive(message, { address, requestId: 'r' });
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

describe('A10: the framework between the middleware and the wire', () => {
  it.each(['/v1/test/stream', '/v1/test/elsewhere', '/v1/test/empty', '/v1/test/fault', '/v1/nowhere'])(
    'nothing leaves NestJS unsigned: %s',
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

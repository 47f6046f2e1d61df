import { randomBytes } from 'node:crypto';
import { CertificateWallet, DevWallet, interceptStatements } from '#testkit';
import { makeHolder, openCertificates, writeExchange } from '../../contract/certificates-rig';
import type { GatewayRig } from '../../contract/gateway-rig';
import {
  RawCaller,
  type RawAnswer,
  type RawRequest,
  echoRequest,
  replaceHeaders,
  sendAuthMessage,
  sendHttp,
  writeInitialRequest,
} from '../../contract/raw-caller';

/** Who proves nothing asks nothing of the database: it is what all replicas share. What such a request costs the processor is in `npm run bench:auth`. */
let gateway: GatewayRig;
let caller: RawCaller;
let another: RawCaller;
let signed: RawRequest;

beforeAll(async () => {
  gateway = await openCertificates();
  // Fresh: nothing was signed in these sessions yet, so no replica remembers them.
  [caller, another] = [
    await RawCaller.open(gateway.origin, new DevWallet()),
    await RawCaller.open(gateway.origin, new DevWallet()),
  ];
  signed = await caller.sign(echoRequest);
});
afterAll(() => gateway.stop());

const countStatements = async (send: () => Promise<RawAnswer>): Promise<[string | undefined, number]> => {
  let statements = 0;
  const end = interceptStatements((_text, ask) => {
    statements += 1;
    return ask();
  });
  const { code } = await send().finally(end);
  return [code, statements];
};

const nonce = (): string => randomBytes(48).toString('base64');

it.each<[string, string, () => RawRequest]>([
  ['without authentication', 'auth-required', () => echoRequest],
  ['without authentication for a route that does not exist', 'auth-required', () => ({ method: 'GET', url: '/v1/no' })],
  ['of another version', 'auth-version-unsupported', () => replaceHeaders(signed, { 'x-bsv-auth-version': '1.0' })],
  ['with a malformed header', 'auth-malformed', () => replaceHeaders(signed, { 'x-bsv-auth-request-id': 'AAAA' })],
  ['in a session of its own making', 'auth-session-unknown', () => withSession(nonce())],
  ['in the session of another', 'auth-identity-mismatch', () => withSession(another.sessionNonce)],
  ['under the name of another', 'auth-identity-mismatch', () => underName(another.identityKey)],
  ['with another body', 'auth-signature-invalid', () => ({ ...signed, body: '{"amount":2}' })],
  ['for another path', 'auth-signature-invalid', () => ({ ...signed, url: '/v1/test/echo?more' })],
  ['under a nonce that was not signed', 'auth-signature-invalid', () => underNonce()],
  ['with a signature that is none', 'auth-signature-invalid', () => withSignature('00')],
])('a request %s asks nothing of the database: %s', async (_what, code, write) => {
  expect(await countStatements(() => sendHttp(gateway.origin, write()))).toEqual([code, 0]);
});

const withSession = (session: string): RawRequest => replaceHeaders(signed, { 'x-bsv-auth-your-nonce': session });
const underName = (key: string): RawRequest => replaceHeaders(signed, { 'x-bsv-auth-identity-key': key });
const underNonce = (): RawRequest => replaceHeaders(signed, { 'x-bsv-auth-nonce': nonce() });
const withSignature = (signature: string): RawRequest => replaceHeaders(signed, { 'x-bsv-auth-signature': signature });

it('nor does a message that is malformed, in nobody’s session, or wrongly signed', async () => {
  const { wallet, shown } = await makeHolder();
  const holder = await RawCaller.open(gateway.origin, wallet);
  const thief = new CertificateWallet();
  const content = { certificates: [shown] };
  const cases: [unknown, string][] = [
    [{}, 'auth-version-unsupported'],
    [{ ...(writeInitialRequest('me') as object) }, 'auth-malformed'],
    [writeInitialRequest(holder.gatewayKey), 'auth-malformed'],
    [await writeExchange(holder, wallet, content, { yourNonce: nonce() }), 'auth-session-unknown'],
    [await writeExchange(holder, wallet, content, { yourNonce: caller.sessionNonce }), 'auth-identity-mismatch'],
    [await writeExchange(holder, thief, content), 'auth-signature-invalid'],
  ];
  for (const [message, code] of cases)
    expect(await countStatements(() => sendAuthMessage(gateway.origin, message))).toEqual([code, 0]);
});

it('an honest request is seen to ask, so that the above is no mistake of this test', async () => {
  const [code, statements] = await countStatements(() => sendHttp(gateway.origin, signed));
  expect([code, statements > 0]).toEqual([undefined, true]);
});

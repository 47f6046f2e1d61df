import { AuthFetch, PrivateKey, ProtoWallet, Utils } from '@bsv/sdk';
import type { WalletInterface } from '@bsv/sdk';
import { readAuthHeaders } from './auth-headers';
import { openGatewayKeys } from './gateway-keys';
import type { GatewayKeys } from './gateway-keys';
import { writeRequestPayload } from './payload';
import type { SignedRequest } from './payload';
import { signResponse, verifyRequest, verifySessionNonce } from './verify-request';
import type { AuthSession } from './verify-request';

interface Serializer {
  serializeRequest(
    method: string,
    headers: Record<string, string>,
    body: unknown,
    url: URL,
    requestId: number[],
  ): Promise<Utils.Writer>;
}

const gatewayRoot = PrivateKey.fromHex('22'.repeat(32));
const callerWallet = new ProtoWallet(PrivateKey.fromHex('33'.repeat(32)));
const requestId = Buffer.alloc(32, 7);
let keys: GatewayKeys;
let session: AuthSession;

beforeAll(async () => {
  keys = openGatewayKeys(gatewayRoot.toHex());
  const { publicKey } = await callerWallet.getPublicKey({ identityKey: true });
  session = {
    sessionNonce: keys.makeSessionNonce(Buffer.alloc(16, 1), publicKey),
    identityKey: publicKey,
    peerNonce: Buffer.alloc(48, 2).toString('base64'),
  };
});

const sign = async (payload: number[], nonce: string): Promise<string> => {
  const { signature } = await callerWallet.createSignature({
    data: payload,
    protocolID: [2, 'auth message signature'],
    keyID: `${nonce} ${session.sessionNonce}`,
    counterparty: keys.identityKey,
  });
  return Buffer.from(signature).toString('hex');
};

const authHeaders = async (request: SignedRequest): Promise<string[]> => {
  const payload = writeRequestPayload(requestId.toString('base64'), request);
  if (!payload.ok) throw new Error(payload.rejection.detail);
  const nonce = Buffer.alloc(32, 3).toString('base64');
  return [
    ...['X-BSV-Auth-Version', '0.1', 'x-bsv-auth-identity-key', session.identityKey, 'x-bsv-auth-nonce', nonce],
    ...['x-bsv-auth-your-nonce', session.sessionNonce, 'x-bsv-auth-request-id', requestId.toString('base64')],
    ...['x-bsv-auth-signature', await sign([...payload.value], nonce)],
  ];
};

const request: SignedRequest = {
  method: 'POST',
  url: '/v1/submissions?wait=1',
  rawHeaders: ['Host', 'gateway', 'Content-Type', 'application/json; charset=utf-8', 'x-bsv-b', '2', 'X-BSV-A', '1'],
  body: Buffer.from('{"a":1}'),
};

const judge = async (
  sent: SignedRequest,
  change: (headers: string[]) => string[] = (same) => same,
): Promise<string> => {
  const headers = readAuthHeaders(change(await authHeaders(request)));
  if (!headers.ok) return headers.rejection.code;
  const bound = verifySessionNonce(keys, headers.value);
  const result = bound.ok ? verifyRequest(keys, bound.value, sent) : bound;
  return result.ok ? 'ok' : result.rejection.code;
};
const replaceHeader =
  (name: string, value: string) =>
  (headers: string[]): string[] =>
    headers.map((text, i) => (i > 0 && headers[i - 1] === name ? value : text));

describe('the request payload', () => {
  const cases: [string, string, Record<string, string>, unknown, number[]][] = [
    ['GET', '/v1/identity', {}, undefined, []],
    ['GET', '/v1/a%20b?x=1&y=%C3%A9', { 'X-Bsv-Zed': 'z', 'x-bsv-alpha': 'é' }, undefined, []],
    ['POST', '/v1/lookup', { 'content-type': 'application/json; charset=utf-8' }, '{"a": 1}', []],
    ['POST', '/v1/lookup', { 'content-type': 'application/json' }, undefined, [...Buffer.from('{}')]],
    ['POST', '/', { 'content-type': 'application/octet-stream', authorization: 'Bearer x' }, 'é', []],
    ['DELETE', '/v1/x', {}, undefined, []],
    ['POST', '/v1/x', { 'content-type': 'text/plain' }, 'x'.repeat(70_000), []],
  ];
  it.each(cases)('equals what AuthFetch signs: %s %s', async (method, url, headers, body, defaultBody) => {
    const serializer = new AuthFetch(callerWallet as unknown as WalletInterface) as unknown as Serializer;
    const writer = await serializer.serializeRequest(method, headers, body, new URL(`http://h${url}`), [...requestId]);
    const octets = typeof body === 'string' ? Buffer.from(body) : Buffer.from(defaultBody);
    const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, value]);
    const ours = writeRequestPayload(requestId.toString('base64'), { method, url, rawHeaders, body: octets });
    expect(ours).toEqual({ ok: true, value: Buffer.from(writer.toArray()) });
  });

  it('refuses a signed header that appears twice or has a name outside letters, digits and hyphens', () => {
    const twice = writeRequestPayload('', { ...request, rawHeaders: ['x-bsv-a', '1', 'X-Bsv-A', '1'] });
    const strange = writeRequestPayload('', { ...request, rawHeaders: ['x-bsv-a_b', '1'] });
    expect(twice).toMatchObject({ ok: false, rejection: { code: 'header-duplicated' } });
    expect(strange).toMatchObject({ ok: false, rejection: { code: 'auth-malformed' } });
  });
});

describe('a signed request', () => {
  it('is accepted as it was signed', async () => expect(await judge(request)).toBe('ok'));

  it.each<[string, Partial<SignedRequest>]>([
    ['another method', { method: 'PUT' }],
    ['another path', { url: '/v1/lookup?wait=1' }],
    ['another query', { url: '/v1/submissions?wait=2' }],
    ['another body', { body: Buffer.from('{"a":2}') }],
    ['no body', { body: Buffer.alloc(0) }],
    ['another signed header', { rawHeaders: ['Content-Type', 'application/json', 'x-bsv-b', '2', 'x-bsv-a', '9'] }],
    ['a header more', { rawHeaders: [...request.rawHeaders, 'x-bsv-payment', '{}'] }],
    ['another content type', { rawHeaders: ['content-type', 'text/plain', 'x-bsv-b', '2', 'x-bsv-a', '1'] }],
  ])('is refused with %s', async (_what, change) => {
    expect(await judge({ ...request, ...change })).toBe('auth-signature-invalid');
  });

  it('is refused under another identity key than the session has (A1)', async () => {
    const victim = PrivateKey.fromHex('44'.repeat(32)).toPublicKey().toString();
    expect(await judge(request, replaceHeader('x-bsv-auth-identity-key', victim))).toBe('auth-identity-mismatch');
  });

  it('is refused in another session of the same identity, in one of another, and in one that nobody opened here', async () => {
    const victim = PrivateKey.fromHex('44'.repeat(32)).toPublicKey().toString();
    const sessions: [string, string][] = [
      [keys.makeSessionNonce(Buffer.alloc(16, 9), session.identityKey), 'auth-signature-invalid'],
      [keys.makeSessionNonce(Buffer.alloc(16, 9), victim), 'auth-identity-mismatch'],
      [Buffer.alloc(48, 9).toString('base64'), 'auth-session-unknown'],
    ];
    for (const [nonce, code] of sessions)
      expect(await judge(request, replaceHeader('x-bsv-auth-your-nonce', nonce))).toBe(code);
  });

  it.each<[string, string, string]>([
    ['x-bsv-auth-signature', '00', 'auth-signature-invalid'],
    ['x-bsv-auth-signature', 'zz', 'auth-malformed'],
    ['x-bsv-auth-signature', 'ab'.repeat(80), 'auth-malformed'],
    ['x-bsv-auth-nonce', 'AAAA', 'auth-malformed'],
    ['x-bsv-auth-nonce', `${Buffer.alloc(32, 3).toString('base64')}\n`, 'auth-malformed'],
    ['x-bsv-auth-request-id', 'AAAA', 'auth-malformed'],
    ['x-bsv-auth-identity-key', 'me', 'auth-malformed'],
    ['x-bsv-auth-your-nonce', 'AAAA', 'auth-session-unknown'],
    ['X-BSV-Auth-Version', '1.0', 'auth-version-unsupported'],
  ])('is refused when %s is %j', async (name, value, code) => {
    expect(await judge(request, replaceHeader(name, value))).toBe(code);
  });

  it('is refused when an auth header is missing, doubled, or all are', async () => {
    expect(await judge(request, (headers) => headers.slice(2))).toBe('auth-malformed');
    expect(await judge(request, (headers) => [...headers, ...headers.slice(0, 2)])).toBe('auth-malformed');
    expect(await judge(request, () => [])).toBe('auth-required');
  });
});

describe('a signed response', () => {
  it('verifies for the caller and covers status, x-bsv headers and body', async () => {
    const random = Buffer.alloc(32, 8);
    const response = {
      status: 402,
      headers: { 'x-bsv-payment-version': '1.0', 'content-type': 'x' },
      body: Buffer.from('{}'),
    };
    const headers = signResponse(keys, { session, requestId: requestId.toString('base64'), random }, response);
    const payload = new Utils.Writer()
      .write([...requestId])
      .writeVarIntNum(402)
      .writeVarIntNum(1)
      .writeVarIntNum('x-bsv-payment-version'.length)
      .write([...Buffer.from('x-bsv-payment-version')])
      .writeVarIntNum(3)
      .write([...Buffer.from('1.0')])
      .writeVarIntNum(2)
      .write([...Buffer.from('{}')])
      .toArray();
    const verified = await callerWallet.verifySignature({
      data: payload,
      signature: [...Buffer.from(headers['x-bsv-auth-signature'] ?? '', 'hex')],
      protocolID: [2, 'auth message signature'],
      keyID: `${headers['x-bsv-auth-nonce']} ${session.peerNonce}`,
      counterparty: keys.identityKey,
    });
    expect(verified.valid).toBe(true);
  });
});

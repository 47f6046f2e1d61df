import { PrivateKey } from '@bsv/sdk';
import { openGatewayKeys } from './gateway-keys';
import { listInitialResponseHeaders, readAuthMessage, writeInitialResponse } from './handshake';

const caller = PrivateKey.fromHex('33'.repeat(32)).toPublicKey().toString();
const good = {
  version: '0.1',
  messageType: 'initialRequest',
  identityKey: caller,
  initialNonce: Buffer.alloc(48, 1).toString('base64'),
};
const read = (message: unknown): string => {
  const result = readAuthMessage(message);
  return result.ok ? 'ok' : result.rejection.code;
};

describe('an initial request', () => {
  it('is read', () => expect(read({ ...good, requestedCertificates: { certifiers: [], types: {} } })).toBe('ok'));

  it.each<[unknown, string]>([
    [undefined, 'auth-malformed'],
    [null, 'auth-malformed'],
    [[], 'auth-malformed'],
    [{ ...good, version: '1.0' }, 'auth-version-unsupported'],
    [{ ...good, messageType: 'initialResponse' }, 'auth-message-unexpected'],
    [{ ...good, messageType: 'general' }, 'auth-message-unexpected'],
    [{ ...good, messageType: undefined }, 'auth-message-unexpected'],
    [{ ...good, identityKey: '' }, 'auth-malformed'],
    [{ ...good, identityKey: caller.toUpperCase() }, 'auth-malformed'],
    [{ ...good, identityKey: `02${'ff'.repeat(32)}` }, 'auth-malformed'],
    [{ ...good, initialNonce: undefined }, 'auth-malformed'],
    [{ ...good, initialNonce: 7 }, 'auth-malformed'],
    [{ ...good, initialNonce: 'AA==' }, 'auth-malformed'],
    [{ ...good, initialNonce: Buffer.alloc(97).toString('base64') }, 'auth-malformed'],
  ])('%j is %s', (message, code) => expect(read(message)).toBe(code));
});

describe('what an initial request asks to be shown', () => {
  const readWanted = (requestedCertificates: unknown) => {
    const result = readAuthMessage({ ...good, requestedCertificates });
    if (!result.ok || result.value.kind !== 'initialRequest') throw new Error('It was not read.');
    const { certifiers, types } = result.value.wanted;
    return { certifiers: [...certifiers], types: [...types].map(([type, fields]) => [type, [...fields]]) };
  };
  const nothing = { certifiers: [], types: [] };

  it('is read as far as it can be read', () => {
    expect(readWanted({ certifiers: ['a', 7, 'a'], types: { t: ['name', null], u: 'name' } })).toEqual({
      certifiers: ['a'],
      types: [
        ['t', ['name']],
        ['u', []],
      ],
    });
  });

  it.each([[undefined], [null], [7], [[]], [{}], [{ certifiers: null, types: null }], [{ certifiers: {}, types: [] }]])(
    'is nothing for %j, as other SDKs write it',
    (given) => expect(readWanted(given)).toEqual(nothing),
  );
});

describe('an initial response', () => {
  it('says the same in body and headers', () => {
    const keys = openGatewayKeys('22'.repeat(32));
    const sessionNonce = keys.makeSessionNonce(Buffer.alloc(16, 1), caller);
    const response = writeInitialResponse(
      keys,
      { sessionNonce, identityKey: caller, peerNonce: good.initialNonce },
      { requestedCertificates: { certifiers: [], types: {} }, certificates: [] },
    );
    const headers = listInitialResponseHeaders(response);
    expect(response).not.toHaveProperty('certificates');
    expect(response.initialNonce).toBe(sessionNonce);
    expect(headers['x-bsv-auth-nonce']).toBe(sessionNonce);
    expect(headers['x-bsv-auth-your-nonce']).toBe(good.initialNonce);
    expect(headers['x-bsv-auth-signature']).toBe(Buffer.from(response.signature).toString('hex'));
  });
});

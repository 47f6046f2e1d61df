import { judgeDeliveryUrl } from './judge-delivery-url';

const rules = {
  hosts: ['hooks.example', 'hooks.example:8443', '127.0.0.1:9000', 'inside:80'],
  privateHosts: ['127.0.0.1:9000', '10.0.0.9:443'],
};
const judge = (url: string, over: Partial<typeof rules> = {}) => judgeDeliveryUrl(url, { ...rules, ...over });
const refused = { refusal: expect.any(String) };

describe('an address that a caller wants events delivered to', () => {
  it.each([
    ['https://hooks.example/a?b=c', 'https://hooks.example'],
    ['https://HOOKS.example:443/', 'https://hooks.example'],
    ['https://hooks.example:8443/x', 'https://hooks.example:8443'],
  ])('may be %s, which the operator named', (url, origin) => {
    expect(judge(url)).toEqual({ origin: { origin, privateAllowed: false } });
  });

  it.each([
    ['another host', 'https://hooks.example.evil.test/'],
    ['another port', 'https://hooks.example:9443/'],
    ['no TLS', 'http://hooks.example/'],
    ['no TLS on a port that was named', 'http://inside/'],
    ['credentials', 'https://user:secret@hooks.example/'],
    ['the host as a user name', 'https://hooks.example@evil.test/'],
    ['a fragment', 'https://hooks.example/#a'],
    ['another scheme', 'file:///etc/passwd'],
    ['no URL', 'hooks.example'],
    ['a URL without end', `https://hooks.example/${'a'.repeat(2_048)}`],
  ])('is refused: %s', (_what, url) => {
    expect(judge(url)).toEqual(refused);
  });

  it('opens private addresses only where the operator wrote host and port among both', () => {
    expect(judge('http://127.0.0.1:9000/hook')).toEqual({
      origin: { origin: 'http://127.0.0.1:9000', privateAllowed: true },
    });
    // Every spelling of the address is the same after parsing.
    expect(judge('http://2130706433:9000/hook')).toEqual({
      origin: { origin: 'http://127.0.0.1:9000', privateAllowed: true },
    });
    expect(judge('http://127.0.0.1:9000/hook', { privateHosts: [] })).toEqual(refused);
    expect(judge('http://127.0.0.1:9001/hook')).toEqual(refused);
  });

  it('takes * for every public host and for no private one', () => {
    const everyone = { hosts: ['*'] };
    expect(judge('https://anyone.test/', everyone)).toEqual({
      origin: { origin: 'https://anyone.test', privateAllowed: false },
    });
    // Let through here, and refused at the connection: what it resolves to is private.
    expect(judge('https://10.0.0.9/', everyone)).toEqual({
      origin: { origin: 'https://10.0.0.9', privateAllowed: false },
    });
    expect(judge('http://127.0.0.1:9000/', everyone)).toEqual(refused);
    expect(judge('https://anyone.test:22/', everyone)).toEqual(refused);
  });

  it('is refused, whatever it is, where the operator named nobody', () => {
    expect(judge('https://hooks.example/', { hosts: [] })).toEqual(refused);
  });
});

import { ConfigError } from '../config';
import { refuseUnroutedPrices } from './refuse-unrouted-prices';

const routes = [
  { method: 'POST', pattern: '/v1/submissions' },
  { method: 'GET', pattern: '/v1/submissions/:idOrTxid' },
];
const refuse = (method: string, path: string) => () => refuseUnroutedPrices([{ method, path, satoshis: 1 }], routes);

describe('the price list at the start', () => {
  it.each([
    ['POST', '/v1/submissions'],
    ['GET', '/v1/submissions/*'],
    ['GET', '/v1/submissions/:anything'],
  ])('takes %s %s, which is a route', (method, path) => {
    expect(refuse(method, path)).not.toThrow();
  });

  it.each([
    ['another method', 'PUT', '/v1/submissions'],
    ['a misspelt path', 'POST', '/v1/submission'],
    ['one segment too many', 'POST', '/v1/submissions/*'],
    ['a path that was sent, not a pattern', 'GET', '/v1/submissions/7'],
  ])('refuses %s with one sentence', (_, method, path) => {
    expect(refuse(method, path)).toThrow(
      new ConfigError(`PORTCULLIS_PRICES names ${method} ${path}, and there is no such route.`),
    );
  });

  it('takes an empty list', () => expect(() => refuseUnroutedPrices([], routes)).not.toThrow());
});

import { parseSettings } from './read-settings';
import { resolveConfig } from './config';

const open = (settings: Record<string, unknown>) => () =>
  resolveConfig(parseSettings({ identityKey: '11'.repeat(32), ...settings }));
const prices = [
  { method: 'POST', path: '/submit', satoshis: 5 },
  { method: 'POST', path: '/v1/lookup', satoshis: 5 },
];

describe('what is sold to strangers', () => {
  it('is what has a price, by its own route or the native one', () => {
    for (const overlayPaid of [['*'], ['tm_a', 'ls_a'], []])
      expect(open({ overlayPaid, prices })().overlayPaid).toEqual(overlayPaid);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a topic without a price', { overlayPaid: ['tm_a'], prices: prices.slice(1) }, /POST \/submit has no price/u],
    ['a lookup without a price', { overlayPaid: ['ls_a'], prices: prices.slice(0, 1) }, /POST \/lookup has no price/u],
    ['a price of nothing', { overlayPaid: ['*'], prices: [{ ...prices[0], satoshis: 0 }] }, /has no price/u],
    ['no way to pay', { overlayPaid: ['*'], prices, paymentDialects: ['brc-118'] }, /needs brc-121 or x402/u],
  ])('stops the start with %s', (_what, settings, sentence) => {
    expect(open(settings)).toThrow(sentence);
  });
});

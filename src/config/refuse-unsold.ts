import { ConfigError } from './config-error';
import type { Price, Settings } from './schema';

const costs = (prices: readonly Price[], paths: readonly string[]): boolean =>
  prices.some(({ method, path, satoshis }) => method === 'POST' && paths.includes(path) && satoshis > 0);

/** What is to be sold and has no price would be given to anyone for nothing; without a way to pay nobody could have it. */
export function refuseUnsold({ overlayPaid, paymentDialects }: Settings, prices: readonly Price[]): void {
  if (overlayPaid.length === 0) return;
  if (!paymentDialects.some((dialect) => dialect !== 'brc-118'))
    throw new ConfigError('PORTCULLIS_OVERLAY_PAID needs brc-121 or x402 in PORTCULLIS_PAYMENT_DIALECTS.');
  const sells = (prefix: string): boolean => overlayPaid.some((name) => name === '*' || name.startsWith(prefix));
  if (sells('tm_') && !costs(prices, ['/submit', '/v1/submissions']))
    throw new ConfigError('PORTCULLIS_OVERLAY_PAID names topics, and POST /submit has no price.');
  if (sells('ls_') && !costs(prices, ['/lookup', '/v1/lookup']))
    throw new ConfigError('PORTCULLIS_OVERLAY_PAID names lookup services, and POST /lookup has no price.');
}

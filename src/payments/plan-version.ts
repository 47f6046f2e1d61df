import { sha256 } from '#atomic-core';
import type { Price } from '../config';

/** Names a price list: the same list has the same name on every replica. */
export const planVersionOf = (prices: readonly Price[]): string => {
  const rows = prices.map(({ method, path, satoshis }) => JSON.stringify([method, path, satoshis])).sort();
  return Buffer.from(sha256(Buffer.from(rows.join('\n'), 'utf8')))
    .toString('hex')
    .slice(0, 32);
};

import { type PriceRow, findPrice } from '#atomic-core';
import { ConfigError } from '../config';

/** A price that no route has would be a route given away for nothing, found out by nobody. It stops the start, with one sentence. */
export function refuseUnroutedPrices(
  prices: readonly (Pick<PriceRow, 'method' | 'path'> & Partial<PriceRow>)[],
  routes: readonly { readonly method: string; readonly pattern: string }[],
  setting = 'PORTCULLIS_PRICES',
): void {
  for (const { method, path } of prices) {
    const reaches = routes.some((route) => findPrice([{ method, path, satoshis: 1 }], route.method, route.pattern) > 0);
    if (!reaches) throw new ConfigError(`${setting} names ${method} ${path}, and there is no such route.`);
  }
}

import { type PriceRow, findPrice } from '#atomic-core';
import { ConfigError } from '../config';

/** A price that no route has would be a route given away for nothing, found out by nobody. It stops the start, with one sentence. */
export function refuseUnroutedPrices(
  prices: readonly PriceRow[],
  routes: readonly { readonly method: string; readonly pattern: string }[],
): void {
  for (const { method, path } of prices) {
    const reaches = routes.some((route) => findPrice([{ method, path, satoshis: 1 }], route.method, route.pattern) > 0);
    if (!reaches) throw new ConfigError(`PORTCULLIS_PRICES names ${method} ${path}, and there is no such route.`);
  }
}

import type { Satoshis } from '../bytes';

export interface PriceRow {
  readonly method: string;
  /** A route pattern; `*` or `:name` stands for one segment. */
  readonly path: string;
  readonly satoshis: Satoshis;
}

const normalise = (pattern: string): string =>
  pattern
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '*' : segment))
    .join('/');

/**
 * The row for a route. `route` is the pattern that the router matched, never the path that was sent: `%73ubmissions` reaches the same route and would miss its
 * price. HEAD costs what GET costs.
 */
export const findPattern = <R extends Pick<PriceRow, 'method' | 'path'>>(
  rows: readonly R[],
  method: string,
  route: string,
): R | undefined => {
  const asked = method === 'HEAD' ? 'GET' : method;
  const pattern = normalise(route);
  return rows.find((row) => row.method === asked && normalise(row.path) === pattern);
};

/** The price of a route; 0 when the list does not name it. */
export const findPrice = (prices: readonly PriceRow[], method: string, route: string): Satoshis =>
  findPattern(prices, method, route)?.satoshis ?? 0;

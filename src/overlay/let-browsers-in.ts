import type { FastifyInstance } from 'fastify';
import { type RouteManners, mannersOf } from '../ingress';

/** What a page may send and read. A page's own cookies are worth nothing here, and none are asked for. */
const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': [
    'content-type, x-topics, x-aggregation, x-includes-off-chain-values, x-bsv-topic',
    'x-bsv-beef, x-bsv-sender, x-bsv-nonce, x-bsv-time, x-bsv-vout, payment-signature',
    // The x402 client for browsers sends it with its payment, as if it were ours to be told.
    'access-control-expose-headers',
  ].join(', '),
  'access-control-max-age': '86400',
};
const ANSWER = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': [
    'portcullis-request-id, retry-after, link',
    'x-bsv-sats, x-bsv-server, x-bsv-payment-satoshis-paid, x-bsv-payment-status, payment-required, payment-response',
  ].join(', '),
};

/**
 * Pages of any origin may use the overlay routes (CORS) as those without a name: `overlay-express` lets them, and the SDK's clients run in browsers. Only
 * where the operator opened something; and never `Access-Control-Allow-Private-Network`, with which a page on the internet could ask a gateway that
 * only the visitor's own network reaches. MUST be registered after the identity hook.
 */
export function letBrowsersIn(fastify: FastifyInstance, open: readonly string[]): void {
  if (open.length === 0) return;
  const paths = new Set<string>();
  fastify.addHook('onRoute', ({ url, config }) => {
    if ((config as RouteManners | undefined)?.refusals === 'overlay') paths.add(url);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const [path = ''] = request.url.split('?', 1);
    if (request.method === 'OPTIONS' && paths.has(path)) {
      void reply.code(204).headers(PREFLIGHT).send();
      return;
    }
    if (request.isAnonymous && mannersOf(request).refusals === 'overlay') void reply.headers(ANSWER);
    done();
  });
}

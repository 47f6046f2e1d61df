import type { FastifyRequest } from 'fastify';

/** What a route may say of itself, with `@RouteConfig`. */
export interface RouteManners {
  /** It accepts less than the gateway. */
  readonly bodyBytesMax?: number;
  /** It takes many things at once, a line each, accepts more than the gateway and shares the memory for it. */
  readonly bulkLinesMax?: number;
  /** Outside `/v1` alone: who authenticates is known and answered with a signature; who does not is anonymous, and the route says what that one may have. */
  readonly identity?: 'optional';
  /** Under `/v1` alone: it needs no key of its caller, so people with a session and machines with a client certificate may come, as far as policies let them. */
  readonly people?: true;
  /** A GET that can go on as a WebSocket, by the same rules as without. */
  readonly upgrade?: 'websocket';
  /** It refuses in the shape of `overlay-express`, or with a page for people, in place of problem+json. */
  readonly refusals?: 'overlay' | 'page';
}

/** Of a route's pattern, or of a path that no route has. */
export const isUnderV1 = (path: string): boolean =>
  path === '/v1' || path.startsWith('/v1/') || path.startsWith('/v1?');

/** Of the route that was matched; nothing where none was. */
export const mannersOf = (request: FastifyRequest): RouteManners =>
  request.is404 ? {} : (request.routeOptions.config as RouteManners);

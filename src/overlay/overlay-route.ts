import { RouteConfig } from '@nestjs/platform-fastify';
import type { RouteManners } from '../ingress';

/** A route of the overlay protocol: anybody may knock, refusals are worded as `overlay-express` words them, and browsers may read open names. */
export const OverlayRoute = (more: Pick<RouteManners, 'bodyBytesMax'> = {}): MethodDecorator =>
  RouteConfig({ ...more, identity: 'optional', refusals: 'overlay' } satisfies RouteManners);

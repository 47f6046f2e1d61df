import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Door } from './door';
import type { RouteEntry } from './route-table';

/** Nest's adapter over our door. Nest awaits `beforeClose` first of all in a stop, while every module still works. */
export class GatewayAdapter extends FastifyAdapter {
  readonly #door: Door;

  constructor(door: Door) {
    super(door.fastify as never);
    this.#door = door;
  }

  listRoutes(): readonly RouteEntry[] {
    return this.#door.routes.list();
  }

  // The declared type says void, Nest's contract (HttpServer.beforeClose) says it may be awaited.
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- see above
  override beforeClose(): Promise<void> {
    super.beforeClose();
    return this.#door.drain();
  }
}

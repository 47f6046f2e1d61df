import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HealthService, type ReadinessAnswer } from './health.service';

/** `status` and `live` as `overlay-express` has them. */
interface ReadyAnswer extends ReadinessAnswer {
  readonly status: 'ok' | 'error';
  readonly live: true;
}

@Controller('health')
export class HealthController {
  readonly #health: HealthService;

  constructor(health: HealthService) {
    this.#health = health;
  }

  /** The process answers: nothing else is asked, because restarting us does not repair a database. */
  @Get('live')
  live(): { readonly status: 'ok'; readonly live: true } {
    return { status: 'ok', live: true };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyAnswer> {
    const answer = await this.#health.readiness();
    if (!answer.ready) void reply.code(503).header('retry-after', '2');
    return { status: answer.ready ? 'ok' : 'error', live: true, ...answer };
  }
}

import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HealthService, type ReadinessAnswer } from './health.service';

@Controller('health')
export class HealthController {
  readonly #health: HealthService;

  constructor(health: HealthService) {
    this.#health = health;
  }

  /** The process answers: nothing else is asked, because restarting us does not repair a database. */
  @Get('live')
  live(): { readonly live: true } {
    return { live: true };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessAnswer> {
    const answer = await this.#health.readiness();
    if (!answer.ready) void reply.code(503).header('retry-after', '2');
    return answer;
  }
}

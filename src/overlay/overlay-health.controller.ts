import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config';
import { HealthService } from '../health';
import { HostedTopics } from '../topics';

interface OverlayHealth {
  readonly status: 'ok' | 'error';
  readonly live: true;
  readonly ready: boolean;
  readonly service: Readonly<Record<string, string | number>>;
  readonly checks: readonly unknown[];
}

/** `/health` as `overlay-express` answers it, from the same probes as `/health/ready`. */
@Controller('health')
export class OverlayHealthController {
  private readonly startedAt = new Date();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
  ) {}

  @Get()
  async report(@Res({ passthrough: true }) reply: FastifyReply): Promise<OverlayHealth> {
    const { ready, checks } = await this.health.readiness();
    if (!ready) void reply.code(503).header('retry-after', '2');
    return {
      status: wordOf(ready),
      live: true,
      ready,
      service: this.describe(),
      checks: Object.entries(checks).map(([name, { ok, detail }]) => ({
        ...{ name, scope: 'ready', status: wordOf(ok), critical: true, message: detail },
      })),
    };
  }

  private describe(): OverlayHealth['service'] {
    const { publicUrl, port, network } = this.config;
    return {
      name: 'portcullis',
      advertisableFQDN: publicUrl === undefined ? '' : new URL(publicUrl).host,
      port,
      network: network === 'mainnet' ? 'main' : 'test',
      startedAt: this.startedAt.toISOString(),
      uptimeMs: Date.now() - this.startedAt.getTime(),
      topicManagerCount: this.topics.topicNames.length,
      lookupServiceCount: this.topics.lookupNames.length,
    };
  }
}

const wordOf = (isWell: boolean): 'ok' | 'error' => (isWell ? 'ok' : 'error');

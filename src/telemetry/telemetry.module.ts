import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CONFIG, type Config } from '../config';
import { Log } from './log';
import { Metrics } from './metrics';
import { MetricsServer } from './metrics-server';
import { type Tracing, startTracing } from './tracing';

@Injectable()
class TelemetryLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #tracing: Tracing;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly metrics: Metrics,
    private readonly server: MetricsServer,
  ) {
    this.#tracing = startTracing(config.otlpUrl);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.server.start(this.config.metricsHost, this.config.metricsPort);
  }

  /** Last of all: the steps of the stop itself are still measured and traced. */
  async onApplicationShutdown(): Promise<void> {
    await this.server.stop();
    await this.metrics.stop();
    await this.#tracing.stop();
  }
}

/** Logs, metrics and traces; injectable everywhere as `Log` and `Metrics`. */
@Global()
@Module({
  providers: [
    { provide: Log, useFactory: (config: Config) => new Log({ level: config.logLevel }), inject: [CONFIG] },
    Metrics,
    { provide: MetricsServer, useFactory: (metrics: Metrics) => new MetricsServer(metrics), inject: [Metrics] },
    TelemetryLifecycle,
  ],
  exports: [Log, Metrics, MetricsServer],
})
export class TelemetryModule {}

import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config';
import { Log, Metrics } from '../telemetry';
import { HostedTopics } from './hosted-topics';
import { openHostedTopics } from './open-hosted-topics';
import { TopicsProbe } from './topics.probe';

@Module({
  providers: [
    {
      provide: HostedTopics,
      inject: [CONFIG, Log, Metrics, DataSource],
      useFactory: (config: Config, log: Log, metrics: Metrics, database: DataSource) =>
        openHostedTopics({ config, log, metrics, database }),
    },
    TopicsProbe,
  ],
  exports: [HostedTopics],
})
export class TopicsModule implements OnApplicationShutdown {
  constructor(@Inject(HostedTopics) private readonly topics: HostedTopics) {}

  /** After the drain: nobody is served any more who could want a verdict. */
  async onApplicationShutdown(): Promise<void> {
    await this.topics.close();
  }
}

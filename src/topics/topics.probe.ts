import { Inject, Injectable } from '@nestjs/common';
import { ReadinessProbe, type HealthProbe, type HealthReport } from '../health';
import { HostedTopics } from './hosted-topics';

/** Not ready while an extension cannot be brought back: another replica may be able to run it. */
@Injectable()
@ReadinessProbe()
export class TopicsProbe implements HealthProbe {
  readonly name = 'topics';

  constructor(@Inject(HostedTopics) private readonly topics: HostedTopics) {}

  check(): Promise<HealthReport> {
    const down = this.topics.listDown();
    const { length } = this.topics.topicNames;
    if (down.length === 0) return Promise.resolve({ ok: true, detail: `${length} hosted` });
    return Promise.resolve({ ok: false, detail: `${down.join(', ')} cannot be brought back` });
  }
}

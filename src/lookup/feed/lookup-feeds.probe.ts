import { Inject, Injectable } from '@nestjs/common';
import { ReadinessProbe, type HealthProbe, type HealthReport } from '../../health';
import { LookupFeeds, type FeedProgress } from './lookup-feeds.service';

/** A service that is late keeps nobody from being served by the others, so it never makes a replica unready; it is named here. */
@Injectable()
@ReadinessProbe()
export class LookupFeedsProbe implements HealthProbe {
  readonly name = 'lookups';

  constructor(@Inject(LookupFeeds) private readonly feeds: LookupFeeds) {}

  async check(): Promise<HealthReport> {
    const late = (await this.feeds.listProgress()).filter(({ behind, isRebuilding }) => behind > 0 || isRebuilding);
    return {
      ok: true,
      detail: late.length === 0 ? 'every lookup service is told all there is' : late.map(describe).join('; '),
    };
  }
}

function describe({ service, behind, failures, isRebuilding }: FeedProgress): string {
  const state = isRebuilding ? 'is being rebuilt' : `is ${String(behind)} behind`;
  return `${service} ${state}${failures === 0 ? '' : `, ${String(failures)} tries failed`}`;
}

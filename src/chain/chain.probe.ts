import { Inject, Injectable } from '@nestjs/common';
import { findHeaderTip } from '#ledger';
import { DataSource } from 'typeorm';
import { ReadinessProbe } from '../health';
import type { HealthProbe, HealthReport } from '../health';
import { HeaderSyncRunner } from './header-sync.runner';

/** Tip, its age, and the sources where this replica follows them. Without one header no proof can be judged, so the replica is not ready. */
@Injectable()
@ReadinessProbe()
export class ChainProbe implements HealthProbe {
  readonly name = 'chain';

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HeaderSyncRunner) private readonly sync: HeaderSyncRunner,
  ) {}

  async check(): Promise<HealthReport> {
    const tip = await findHeaderTip(this.database);
    if (!tip) return { ok: false, detail: 'no block header is known yet' };
    const counts = new Map<string, number>();
    for (const { verdict } of this.sync.reports) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    const sources = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
    const detail = `height ${tip.height}, stored ${Math.round(tip.ageSeconds)} s ago`;
    return { ok: true, detail: sources === '' ? detail : `${detail}; sources: ${sources}` };
  }
}

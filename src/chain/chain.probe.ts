import { Inject, Injectable } from '@nestjs/common';
import { findHeaderTip } from '#ledger';
import type { HeaderTip } from '#ledger';
import { DataSource } from 'typeorm';
import { CONFIG } from '../config';
import type { Config } from '../config';
import { ReadinessProbe } from '../health';
import type { HealthProbe, HealthReport } from '../health';
import { HeaderSyncRunner } from './header-sync.runner';

/**
 * A block comes every ten minutes: two hours without any are e^-12, less than once in two years of a healthy network. Whoever has seen none for that
 * long is more likely cut off, and would refuse new proofs and not know of a reorg.
 */
const TIP_AGE_SECONDS_MAX = 7_200;

/** Tip, its age, and the sources where this replica follows them. Without one header no proof can be judged, so the replica is not ready. */
@Injectable()
@ReadinessProbe()
export class ChainProbe implements HealthProbe {
  readonly name = 'chain';

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HeaderSyncRunner) private readonly sync: HeaderSyncRunner,
    @Inject(CONFIG) private readonly config: Pick<Config, 'network' | 'role'>,
  ) {}

  async check(): Promise<HealthReport> {
    const tip = await findHeaderTip(this.database);
    if (!tip) return { ok: false, detail: 'no block header is known yet' };
    const counts = new Map<string, number>();
    for (const { verdict } of this.sync.reports) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    const sources = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
    const facts = `height ${tip.height}, stored ${Math.round(tip.ageSeconds)} s ago`;
    const detail = sources === '' ? facts : `${facts}; sources: ${sources}`;
    if (!this.#isStale(tip)) return { ok: true, detail };
    return { ok: false, detail: `the newest block header is older than ${TIP_AGE_SECONDS_MAX / 3_600} h: ${detail}` };
  }

  /** The development network mines when it is told to; a relay serves no caller that could be sent elsewhere. */
  #isStale({ ageSeconds }: HeaderTip): boolean {
    const { network, role } = this.config;
    return network !== 'devnet' && role !== 'relay' && ageSeconds > TIP_AGE_SECONDS_MAX;
  }
}

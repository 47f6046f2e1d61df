import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ReadinessProbe, type HealthProbe, type HealthReport } from './health-probe';

/** The database answers and its schema was migrated. A schema newer than this binary stops the boot, so it cannot be met here. */
@Injectable()
@ReadinessProbe()
export class DatabaseProbe implements HealthProbe {
  readonly name = 'database';

  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  async check(): Promise<HealthReport> {
    const startedAt = performance.now();
    const [row] = await this.database.query<{ migrated: boolean }[]>(
      `select to_regclass('portcullis.transition') is not null as migrated`,
    );
    const milliseconds = Math.ceil(performance.now() - startedAt);
    if (row?.migrated !== true) return { ok: false, detail: 'The schema is not migrated.' };
    return { ok: true, detail: `answers in ${String(milliseconds)} ms` };
  }
}

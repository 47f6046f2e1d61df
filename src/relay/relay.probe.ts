import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { measureOutbox } from '#ledger';
import { ReadinessProbe } from '../health';
import type { HealthProbe, HealthReport } from '../health';

/** Longer than any honest queueing; a backlog this old means that no relay works, or none can reach the network. */
const OLDEST_DUE_SECONDS_MAX = 300;

/** Backlog, age and parked rows. Parked rows want a person but keep nobody from being served, so they do not make a replica unready. */
@Injectable()
@ReadinessProbe()
export class RelayProbe implements HealthProbe {
  readonly name = 'relay';

  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  async check(): Promise<HealthReport> {
    const { waiting, leased, parked, oldestDueSeconds } = await measureOutbox(this.database);
    const age = Math.max(0, Math.round(oldestDueSeconds));
    return {
      ok: age <= OLDEST_DUE_SECONDS_MAX,
      detail: `${waiting} waiting, ${leased} under way, ${parked} parked; the oldest due row is ${age} s old`,
    };
  }
}

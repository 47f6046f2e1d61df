import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { isDatabaseOutage } from '../ingress';
import { type HealthProbe, type HealthReport, ReadinessProbe } from './health-probe';

export interface ReadinessAnswer {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, HealthReport>>;
}

const CHECK_TIMEOUT_MS = 2_000;
/** Anyone may ask; only the first of each second reaches the database. */
const ANSWER_LIFETIME_MS = 1_000;

const isProbe = (value: unknown): value is HealthProbe =>
  typeof value === 'object' && value !== null && 'name' in value && 'check' in value;

@Injectable()
export class HealthService implements OnApplicationBootstrap {
  readonly #discovery: DiscoveryService;
  #probes: readonly HealthProbe[] = [];
  #stopping = false;
  #latest: { readonly at: number; readonly answer: Promise<ReadinessAnswer> } | undefined;

  constructor(discovery: DiscoveryService) {
    this.#discovery = discovery;
  }

  onApplicationBootstrap(): void {
    const instances = this.#discovery
      .getProviders({ metadataKey: ReadinessProbe.KEY })
      .map((wrapper): unknown => wrapper.instance);
    this.#probes = [...new Set(instances)].filter(isProbe);
  }

  /** From here on never ready again, so that a load balancer takes this replica out before it is gone. */
  markStopping(): void {
    this.#stopping = true;
  }

  async readiness(): Promise<ReadinessAnswer> {
    const now = performance.now();
    if (this.#latest === undefined || now - this.#latest.at > ANSWER_LIFETIME_MS) {
      this.#latest = { at: now, answer: this.#ask() };
    }
    const answer = await this.#latest.answer;
    if (!this.#stopping) return answer;
    return { ready: false, checks: { ...answer.checks, process: { ok: false, detail: 'This gateway is stopping.' } } };
  }

  async #ask(): Promise<ReadinessAnswer> {
    const entries = await Promise.all(
      this.#probes.map(async (probe): Promise<[string, HealthReport]> => [probe.name, await askInTime(probe)]),
    );
    return { ready: entries.every(([, report]) => report.ok), checks: Object.fromEntries(entries) };
  }
}

/** A probe that throws or hangs is a failed check. The reason is one of these sentences: the text of an error may name hosts and stays here. */
async function askInTime(probe: HealthProbe): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthReport>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, { ok: false, detail: 'The check did not answer in time.' });
  });
  try {
    return await Promise.race([probe.check(), late]);
  } catch (cause) {
    return { ok: false, detail: isDatabaseOutage(cause) ? 'The database does not answer.' : 'The check failed.' };
  } finally {
    clearTimeout(timer);
  }
}

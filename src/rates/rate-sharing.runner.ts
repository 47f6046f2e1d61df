import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type OthersUse, type RateUse, shareRates } from '#ledger';
import type { TokenBuckets, UseElsewhere } from '../ingress';
import { Log } from '../telemetry';

const PAUSE_MS = 1_000;
/** Who takes less than this part of a budget in each process is not worth a row. */
const SHARE_MIN = 0.05;
const KEYS_MAX = 1_000;
/** What others said is forgotten when it is so old: then each process keeps to the whole budget for itself. */
const HEARD_MS_MAX = 3_000;
const DIGEST_BYTES = 16;

interface Budget {
  readonly buckets: TokenBuckets;
  /** Digest to key, of those that took much here lately: what others say of all the rest concerns nobody here yet. */
  digests: Map<string, string>;
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest().subarray(0, DIGEST_BYTES);

/**
 * One budget for all processes. Once a second each says what it let pass and hears what the others did: one statement a second, none for a request. Who
 * spreads over replicas has at most a second of the whole budget in each of them. See ops/decisions/0052-budgets-are-told-once-a-second.md.
 */
@Injectable()
export class RateSharing implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly processId = randomUUID();
  private readonly budgets = new Map<string, Budget>();
  private timer: NodeJS.Timeout | undefined;
  private toldAtMs = -Infinity;
  private heardAtMs = 0;
  private isTelling = false;
  private hasFailed = false;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** `scope`: the same in all processes. */
  add(scope: string, buckets: TokenBuckets): void {
    this.budgets.set(scope, { buckets, digests: new Map() });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tell(), PAUSE_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Tells and hears once. Never throws: without the others, each process bounds what comes to it. */
  async tell(nowMs = performance.now()): Promise<void> {
    if (this.isTelling || this.budgets.size === 0) return;
    this.isTelling = true;
    try {
      this.hear(await shareRates(this.database, this.processId, this.measure(nowMs)));
      this.heardAtMs = nowMs;
      this.hasFailed = false;
    } catch (error) {
      if (nowMs - this.heardAtMs > HEARD_MS_MAX) this.hear([]);
      // Once, and not every second of an outage that the database itself is reported for.
      if (!this.hasFailed) this.log.write('warn', 'budgets are not shared with other processes', { error });
      this.hasFailed = true;
    } finally {
      this.isTelling = false;
    }
  }

  private measure(nowMs: number): RateUse[] {
    // What was counted before the first time is of no known while; a second is what it is from then on.
    const seconds = Number.isFinite(this.toldAtMs) ? Math.max(0.1, (nowMs - this.toldAtMs) / 1_000) : 1;
    this.toldAtMs = nowMs;
    const uses: RateUse[] = [];
    for (const [scope, budget] of this.budgets) {
      const busiest = [...budget.buckets.drainTaken(SHARE_MIN)].sort(([, one], [, other]) => other - one);
      budget.digests = new Map();
      for (const [key, count] of busiest.slice(0, KEYS_MAX)) {
        const digest = digestOf(key);
        budget.digests.set(digest.toString('hex'), key);
        uses.push({ scope, key: digest, perSecond: count / seconds });
      }
    }
    return uses;
  }

  private hear(others: readonly OthersUse[]): void {
    const heard = new Map<string, Map<string, UseElsewhere>>();
    for (const { scope, key, perSecond, processes } of others) {
      const known = this.budgets.get(scope)?.digests.get(Buffer.from(key).toString('hex'));
      if (known === undefined) continue;
      const ofScope = heard.get(scope) ?? new Map<string, UseElsewhere>();
      heard.set(scope, ofScope.set(known, { perSecond, processes }));
    }
    for (const [scope, { buckets }] of this.budgets) buckets.hearOthers(heard.get(scope) ?? new Map());
  }
}

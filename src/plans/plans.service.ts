import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Customer, type Plan, type Result, findPlan, reject } from '#atomic-core';
import { type PlanOrder, type PublishedPlan, type StoredPlan, listPlans, publishPlan } from '#ledger';
import { CONFIG, type Config, type PlanDefinition, findOperator, listConfiguredPlans, readPlan } from '../config';
import type { Caller } from '../identity';
import { Log } from '../telemetry';

const REFRESH_MS = 2_000;
/** A version takes effect after this at the earliest: each replica reads it several times before. */
const LEAD_MS = 5 * REFRESH_MS;

/** What is asked to be published. */
export type PlanPublication = Pick<PlanOrder, 'name' | 'from'> & { readonly definition: PlanDefinition };

/** What customers pay: the plans of the configuration and those that were published, as every replica knows them. */
@Injectable()
export class Plans implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly configured: readonly Plan[];
  private known: readonly Plan[];
  private timer: NodeJS.Timeout | undefined;
  private hasFailed = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
  ) {
    this.configured = listConfiguredPlans(config.plans);
    this.known = this.configured;
  }

  /** Nobody is served before what is published is known: a price of before would be a wrong one. */
  async onApplicationBootstrap(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Undefined where no plan is for this customer: then the price list is. */
  find(customer: Customer, atMs = Date.now()): Plan | undefined {
    return this.known.length === 0 ? undefined : findPlan(this.known, customer, atMs);
  }

  listConfigured(): readonly Plan[] {
    return this.configured;
  }

  /** Every version, for who runs this gateway. */
  async list(caller: Caller): Promise<Result<readonly StoredPlan[]>> {
    if (!this.isOperator(caller)) return reject('plan-forbidden');
    return { ok: true, value: await listPlans(this.database) };
  }

  async publish(caller: Caller, { name, definition, from }: PlanPublication): Promise<Result<PublishedPlan>> {
    if (!this.isOperator(caller)) return reject('plan-forbidden');
    if (Object.hasOwn(this.config.plans, name))
      return reject('plan-conflict', 'PORTCULLIS_PLANS has a plan of this name.');
    const { organisation, identityKey, requestId } = caller;
    const actor = { organisation, identityKey, requestId };
    return publishPlan(this.database, actor, { name, definition, from, leadMs: LEAD_MS });
  }

  /** Owners and operators of the organisation that runs this gateway. */
  isOperator(caller: Pick<Caller, 'organisation' | 'identityKey' | 'roles'>): boolean {
    const running = findOperator(this.config);
    if (running === undefined || caller.organisation !== running) return false;
    const member = this.config.organisations[running]?.find(({ identityKey }) => identityKey === caller.identityKey);
    return (caller.roles ?? member?.roles ?? []).some((role) => role === 'owner' || role === 'operator');
  }

  private async read(): Promise<void> {
    const stored = await listPlans(this.database);
    const published = stored.map(({ name, version, effectiveFrom, definition }) =>
      readPlan(name, definition as PlanDefinition, {
        ...{ version, label: `${name}@${String(version)}`, fromMs: effectiveFrom.getTime() },
      }),
    );
    // A name that the configuration has taken since is the configuration's.
    const names = new Set(this.configured.map(({ name }) => name));
    this.known = [...this.configured, ...published.filter(({ name }) => !names.has(name))];
  }

  private async refresh(): Promise<void> {
    try {
      await this.read();
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.log.write('warn', 'plans were not read again', { error });
      this.hasFailed = true;
    }
  }
}

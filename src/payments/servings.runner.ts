import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { type Taken, creditUnserved, endService, listUnserved } from '#ledger';
import type { Caller } from '../identity';
import { beforeAnswer } from '../ingress';
import { Log, Metrics } from '../telemetry';
import type { FundsTicket } from './payment-judge.service';

const FLUSH_MS = 500;
const SWEEP_MS = 30_000;
/** As many as one statement ends. */
const FLUSHED_MAX = 1_000;

/**
 * Sees to it that what was taken is served or given back. What was answered with success is noted a batch at a time: a process that dies before gives back what
 * it had served, which costs the operator half a second of sales, and never a customer anything. What was answered with anything else is given back
 * before the answer leaves. What no process answered is found when its time is over. See ops/decisions/0055.
 */
@Injectable()
export class Servings implements OnApplicationBootstrap, OnApplicationShutdown {
  private served: Taken[] = [];
  private timers: NodeJS.Timeout[] = [];
  private readonly countCredit: (amount: number) => void;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.countCredit = metrics.counter('payments_credited', 'Payments that were given back because serving failed');
  }

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => void this.flush(), FLUSH_MS).unref(),
      setInterval(() => void this.sweep(), SWEEP_MS).unref(),
    ];
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.flush();
  }

  /** For what was just taken for this request. */
  watch(request: FastifyRequest, { identityKey, requestId }: Caller, taken: Taken, ticket: FundsTicket): void {
    beforeAnswer(request, async (status) => {
      // That there is nothing is an answer. A payment is given back for it all the same; a draw costs its caller nothing that a network would ask.
      if (status < 400 || (ticket.kind === 'draw' && (status === 404 || status === 410))) {
        this.served.push(taken);
        return;
      }
      const actor = { organisation: taken.organisation, identityKey, requestId };
      if (await creditUnserved(this.database, actor, taken.key, false)) this.countCredit(1);
    });
  }

  /** What no process answered. One that cannot be given back keeps no other from it. */
  private async sweep(): Promise<void> {
    try {
      for (const { organisation, key, identityKey } of await listUnserved(this.database)) {
        await this.giveBack({ organisation, identityKey, requestId: '' }, key);
      }
    } catch (error) {
      this.log.write('warn', 'what was not served was not looked for', { error });
    }
  }

  private async giveBack(
    actor: Pick<Caller, 'organisation' | 'identityKey' | 'requestId'>,
    key: string,
  ): Promise<void> {
    try {
      if (await creditUnserved(this.database, actor, key, true)) this.countCredit(1);
    } catch (error) {
      this.log.write('warn', 'what was not served was not given back yet', { key, error });
    }
  }

  private async flush(): Promise<void> {
    while (this.served.length > 0) {
      const batch = this.served.splice(0, FLUSHED_MAX);
      try {
        await endService(this.database, batch);
      } catch (error) {
        this.log.write('warn', 'what was served was not noted yet', { error });
        this.served.unshift(...batch);
        return;
      }
    }
  }
}

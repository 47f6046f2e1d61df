import { randomUUID } from 'node:crypto';
import { setImmediate as yieldLoop } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  makeOutpoint,
  planTransition,
  type Coin,
  type Outpoint,
  type Rejection,
  type Result,
  type TopicManager,
  type TransitionPlan,
  type VerifiedTransaction,
} from '#atomic-core';
import { findCoins, findConflict, listSpends, retractRivals, type CommitInput, type CommitOutcome } from '#ledger';
import { AuditService } from '../audit';
import type { Caller } from '../identity';
import { judgeError } from '../ingress';
import type { PolicyGrant } from '../policies';
import { Log } from '../telemetry';
import type { ItemVerdict } from './batch-verdicts';
import { commitGroup } from './commit-group';
import type { SubmissionRequest } from './read-request';
import { writeQuestion } from './read-submission';
import { PLANS_MAX, writeCommit } from './write-commit';

export interface VerifiedItem {
  readonly index: number;
  readonly asked: SubmissionRequest;
  readonly managers: readonly TopicManager[];
  readonly grant: PolicyGrant | undefined;
  readonly transaction: VerifiedTransaction;
}

interface PlannedItem {
  readonly item: VerifiedItem;
  readonly input: CommitInput;
}

type Settle = (index: number, verdict: ItemVerdict) => void;

/** What would change, and the one COMMIT of a group that changes it. No item of a group may be the parent of another. */
@Injectable()
export class GroupCommits {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Settles every item, or throws where the database is away: then those that are not settled may be sent again. */
  async commit(caller: Caller, items: readonly VerifiedItem[], settle: Settle): Promise<void> {
    for (const { transaction } of items) {
      // What is in a block outweighs whatever was applied before the block was known.
      if (transaction.subject.bump === undefined) continue;
      await retractRivals(this.database, listSpends(transaction.transactions));
    }
    let open = items;
    for (let attempt = 1; open.length > 0; attempt += 1) {
      const planned = await this.plan(caller, open, settle);
      const again: VerifiedItem[] = [];
      for (const [place, outcome] of (await this.commitAll(planned)).entries()) {
        const { item } = planned[place] as PlannedItem;
        const isMoved = !outcome.ok && outcome.rejection.code === 'coins-changed';
        if (isMoved && attempt < PLANS_MAX) again.push(item);
        else settle(item.index, verdictOf(outcome));
      }
      open = again;
    }
  }

  private async plan(caller: Caller, items: readonly VerifiedItem[], settle: Settle): Promise<PlannedItem[]> {
    const coins = await this.findCoinsOf(items);
    const planned: PlannedItem[] = [];
    for (const [place, item] of items.entries()) {
      const { asked, transaction, managers } = item;
      const topics = managers.map((manager) => ({ manager, coins: coins.get(manager.name)?.[place] ?? [] }));
      const plan = await planTransition({ transaction, topics, ...writeQuestion(asked.submission) });
      if (plan.ok) planned.push({ item, input: this.write(caller, item, plan.value) });
      else settle(item.index, verdictOf(await this.explain(plan, transaction)));
      // A topic may check signatures; others are served between two items.
      await yieldLoop();
    }
    return planned;
  }

  /** By topic, for each item in its place; one question a topic. */
  private async findCoinsOf(items: readonly VerifiedItem[]): Promise<Map<string, Coin[][]>> {
    const names = new Set(items.flatMap(({ managers }) => managers.map(({ name }) => name)));
    const coins = new Map<string, Coin[][]>();
    for (const name of names) {
      const asked: { readonly place: number; readonly inputIndex: number; readonly outpoint: Outpoint }[] = [];
      for (const [place, { managers, transaction }] of items.entries()) {
        if (!managers.some((manager) => manager.name === name)) continue;
        for (const [inputIndex, { parentTxid, parentVout }] of transaction.subject.inputs.entries()) {
          asked.push({ place, inputIndex, outpoint: makeOutpoint(parentTxid, parentVout) });
        }
      }
      const outpoints = asked.map(({ outpoint }) => outpoint);
      const found = items.map((): Coin[] => []);
      for (const coin of await findCoins(this.database, name, outpoints)) {
        const { place, inputIndex } = asked[coin.inputIndex] ?? { place: -1, inputIndex: -1 };
        found[place]?.push({ ...coin, inputIndex });
      }
      coins.set(name, found);
    }
    return coins;
  }

  private write(caller: Caller, { asked, transaction, grant }: VerifiedItem, plan: TransitionPlan): CommitInput {
    return writeCommit({ id: randomUUID(), caller, asked, transaction, grant, plan, audit: this.audit });
  }

  /** A topic that misses a coin cannot know that somebody spent it or that the network refused it; the caller is told who, or what. */
  private async explain(refused: Result<never>, { transactions }: VerifiedTransaction): Promise<Result<never>> {
    const conflict = await findConflict(this.database, transactions, listSpends(transactions));
    return conflict.ok ? refused : conflict;
  }

  private async commitAll(planned: readonly PlannedItem[]): Promise<readonly Result<CommitOutcome>[]> {
    if (planned.length === 0) return [];
    const inputs = planned.map(({ input }) => input);
    const ends = await commitGroup(this.database, inputs, (error) => this.refuseFault(error));
    return ends.map((end) =>
      end.status === 'fulfilled' ? end.value : { ok: false, rejection: this.refuseFault(end.reason) },
    );
  }

  /** A database that is away ends the batch; a fault of ours is written down and ends its item. */
  private refuseFault(error: unknown): Rejection {
    const { rejection, isFault } = judgeError(error);
    if (!isFault) throw error;
    this.log.write('error', 'commit of a batch failed', { error });
    return rejection;
  }
}

function verdictOf(outcome: Result<CommitOutcome>): ItemVerdict {
  if (!outcome.ok) return { kind: 'refused', rejection: outcome.rejection };
  const { kind, receipt } = outcome.value;
  return { kind, receipt };
}

import { setImmediate as yieldLoop } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, limits, type Rejection, type Result, type TopicManager, type VerifiedTransaction } from '#atomic-core';
import { findReplays, listSpends } from '#ledger';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { judgeError } from '../ingress';
import type { CallerPolicies, PolicyGrant } from '../policies';
import { Log, withSpan } from '../telemetry';
import { HostedTopics } from '../topics';
import type { BatchStop } from './batch-stop';
import { BatchVerdicts, type ItemVerdict } from './batch-verdicts';
import { BatchVerification } from './batch-verification.service';
import { GroupCommits, type VerifiedItem } from './group-commits.service';
import { measureShare } from './group-room';
import { orderBatch, type OrderedItem } from './order-batch';
import { cutLines, readBatchItem, type BatchLine } from './read-batch';
import type { SubmissionRequest } from './read-request';

/** Whose batch it is, and what that one may do. */
export interface BatchCaller {
  readonly caller: Caller;
  readonly policies: CallerPolicies;
}

interface Batch extends BatchCaller {
  readonly verdicts: BatchVerdicts;
  readonly stop: BatchStop;
  /** Octets of BEEF whose verified graphs are kept. */
  keptBytes: number;
}

interface AskedItem {
  readonly line: BatchLine;
  readonly asked: SubmissionRequest;
  readonly managers: readonly TopicManager[];
}

interface ReadItem extends AskedItem {
  readonly grant: PolicyGrant | undefined;
}

/** Verified, and waiting for its group. */
interface ReadyItem extends OrderedItem {
  readonly read: ReadItem;
  /** Absent where it was too much to keep, and once it is committed. */
  transaction: VerifiedTransaction | undefined;
}

const NO_OCTETS = new Uint8Array(0);

/** The story of a batch: read and verified piece by piece, ordered as a whole, committed group by group. */
@Injectable()
export class BatchesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(BatchVerification) private readonly verification: BatchVerification,
    @Inject(GroupCommits) private readonly groups: GroupCommits,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** The verdict of each line, in their order. */
  async judge(from: BatchCaller, lines: readonly Buffer[], stop: BatchStop): Promise<ItemVerdict[]> {
    const verdicts = new BatchVerdicts(lines.length);
    const batch: Batch = { ...from, verdicts, stop, keptBytes: 0 };
    try {
      const ready = await this.verifyAll(batch, lines);
      for (const group of orderBatch(ready)) {
        if (isOver(batch)) break;
        await withSpan('batch.group', { items: group.length }, () => this.commitGroup(batch, group));
      }
    } catch (error) {
      verdicts.halt(this.judgeFailure(error));
    }
    return verdicts.close();
  }

  private async verifyAll(batch: Batch, lines: readonly Buffer[]): Promise<ReadyItem[]> {
    const ready: ReadyItem[] = [];
    for (const piece of cutLines(lines)) {
      if (isOver(batch)) break;
      const items = await this.admit(batch, await this.answerReplays(batch, await this.readPiece(batch, piece)));
      await withSpan('batch.verify', { items: items.length }, async () => {
        const verified = await Promise.all(items.map((item) => this.verifyItem(batch, item)));
        for (const item of verified) if (item !== undefined) ready.push(item);
      });
    }
    return ready;
  }

  /** What can be refused by itself is; what is the same as an earlier item will be answered as that one. */
  private async readPiece({ verdicts }: Batch, piece: readonly BatchLine[]): Promise<AskedItem[]> {
    const items: AskedItem[] = [];
    for (const line of piece) {
      const read = this.readLine(line);
      if (!read.ok) verdicts.refuse(line.index, read.rejection);
      else if (!verdicts.isCopy(line.index, read.value.asked)) items.push(read.value);
      await yieldLoop();
    }
    return items;
  }

  private readLine(line: BatchLine): Result<AskedItem> {
    const asked = readBatchItem(line.octets, this.config.bodyBytesMax);
    if (!asked.ok) return asked;
    const managers = this.topics.listTopics(asked.value.submission.topics);
    return managers.ok ? accept({ line, asked: asked.value, managers: managers.value }) : managers;
  }

  private async answerReplays({ caller, verdicts }: Batch, items: readonly AskedItem[]): Promise<AskedItem[]> {
    const requests = items.map(({ asked }) => asked);
    const replays = await withSpan('replay', {}, () => findReplays(this.database, caller.organisation, requests));
    return items.filter(({ line }, place) => {
      const replay = replays[place];
      if (replay?.ok === false) verdicts.refuse(line.index, replay.rejection);
      else if (replay?.value !== undefined) verdicts.settle(line.index, { kind: 'replayed', receipt: replay.value });
      return verdicts.isOpen(line.index);
    });
  }

  /** Who sends a thousand lines to one topic is decided about once. */
  private async admit({ policies, verdicts }: Batch, items: readonly AskedItem[]): Promise<ReadItem[]> {
    const admitted: ReadItem[] = [];
    for (const item of items) {
      const grant = await policies.admit(item.asked.submission.topics);
      if (grant.ok) admitted.push({ ...item, grant: grant.value });
      else verdicts.refuse(item.line.index, grant.rejection);
    }
    return admitted;
  }

  private async verifyItem(batch: Batch, read: ReadItem): Promise<ReadyItem | undefined> {
    const { submission } = read.asked;
    const transaction = await this.verify(batch, read.line.index, submission.beef);
    if (transaction === undefined) return undefined;
    const { subject, transactions } = transaction;
    const isKept = batch.keptBytes + submission.beef.length <= limits.BATCH_KEPT_BYTES_MAX;
    if (isKept) batch.keptBytes += submission.beef.length;
    return {
      index: read.line.index,
      txid: subject.txid,
      parents: [...new Set(subject.inputs.map(({ parentTxid }) => parentTxid))],
      ...measureShare({ transactions, spends: listSpends(transactions) }),
      // The graph holds the bytes from here on, or the line does.
      read: { ...read, asked: { ...read.asked, submission: { ...submission, beef: NO_OCTETS } } },
      transaction: isKept ? transaction : undefined,
    };
  }

  /** Undefined when it was refused. One item that cannot be verified for a fault of ours does not end the others. */
  private async verify(batch: Batch, index: number, beef: Uint8Array): Promise<VerifiedTransaction | undefined> {
    const verified: Result<VerifiedTransaction> = await this.verification
      .verify(beef, batch.stop)
      .catch((error: unknown) => ({ ok: false, rejection: this.judgeFailure(error) }));
    if (verified.ok) return verified.value;
    batch.verdicts.refuse(index, verified.rejection);
    if (verified.rejection.code === 'database-unavailable') batch.verdicts.halt(verified.rejection);
    return undefined;
  }

  private async commitGroup(batch: Batch, group: readonly ReadyItem[]): Promise<void> {
    const items = await Promise.all(group.map((item) => this.recall(batch, item)));
    const verified = items.filter((item) => item !== undefined);
    await this.groups.commit(batch.caller, verified, (index, verdict) => {
      batch.verdicts.settle(index, verdict);
      const isAway = verdict.kind === 'refused' && verdict.rejection.code === 'database-unavailable';
      if (isAway) batch.verdicts.halt(verdict.rejection);
    });
    for (const item of group) item.transaction = undefined;
  }

  private async recall(batch: Batch, { index, read, transaction }: ReadyItem): Promise<VerifiedItem | undefined> {
    const { asked, managers, grant, line } = read;
    if (transaction !== undefined) return { index, asked, managers, grant, transaction };
    const again = readBatchItem(line.octets, this.config.bodyBytesMax);
    if (!again.ok) throw new Error('A line of a batch was read once and not a second time.');
    const verified = await this.verify(batch, index, again.value.submission.beef);
    return verified && { index, asked, managers, grant, transaction: verified };
  }

  private judgeFailure(error: unknown): Rejection {
    const { rejection, isFault } = judgeError(error);
    if (isFault) this.log.write('error', 'batch failed', { error });
    return rejection;
  }
}

function isOver({ verdicts, stop }: Batch): boolean {
  const reason = stop.reason();
  if (reason !== undefined) verdicts.halt(reason);
  return verdicts.halted;
}

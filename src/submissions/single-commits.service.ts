import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { limits, type Result } from '#atomic-core';
import type { CommitInput, CommitOutcome } from '#ledger';
import { Log, Metrics, withSpan } from '../telemetry';
import { commitGroup, type CommitEnd } from './commit-group';
import { CommitPool } from './commit.pool';
import { GroupRoom, measureShare, type GroupShare } from './group-room';

/** A group owns the ledger, so that a second lane would only make groups smaller. */
const GROUP_LANES = 1;
/** Enough to keep the audit head taken; with more of them PostgreSQL works longer for each, and no faster. */
const ALONE_LANES = 4;
const GROUP_SIZES = [1, 2, 4, 8, 16, 32, limits.GROUP_COMMITS_MAX];

/**
 * What a group does not commit in one pass (ops/decisions/0028), and would fall apart for into single COMMITs while it owns the ledger; and what writes so
 * much that all others would wait for it.
 */
const goesAlone = (input: CommitInput): boolean =>
  input.payment !== undefined ||
  input.draw !== undefined ||
  input.offer !== undefined ||
  input.proposal !== undefined ||
  input.reservation !== undefined ||
  measureShare(input).rows > limits.GROUP_ROWS_OF_ONE_MAX;

/** The COMMITs of those who ask for one answer each. Those who ask while one is under way share the next. See ops/decisions/0040. */
@Injectable()
export class SingleCommits implements OnApplicationShutdown {
  readonly #groups: CommitPool;
  readonly #alone: CommitPool;

  constructor(@Inject(DataSource) database: DataSource, @Inject(Log) log: Log, @Inject(Metrics) metrics: Metrics) {
    const recordSize = metrics.sizes('commit_group_size', 'Submissions of one COMMIT', GROUP_SIZES);
    const reportFault = (error: unknown): void => log.write('error', 'commit of a group failed', { error });
    const commit = (group: readonly CommitInput[]): Promise<readonly CommitEnd[]> => {
      recordSize(group.length);
      return withSpan('commit.statement', { items: group.length }, () => commitGroup(database, group, reportFault));
    };
    const openRoom = (): ((share: GroupShare) => boolean) => {
      const room = new GroupRoom();
      return (share) => room.take(share);
    };
    this.#groups = new CommitPool({ lanes: GROUP_LANES, openRoom, commit });
    this.#alone = new CommitPool({ lanes: ALONE_LANES, openRoom: () => () => false, commit });
    metrics.gauge('commits_waiting', 'Submissions that wait for their COMMIT', () => this.waiting);
  }

  get waiting(): number {
    return this.#groups.waiting + this.#alone.waiting;
  }

  /** Answers and throws as `commitTransition` does. */
  commit(input: CommitInput): Promise<Result<CommitOutcome>> {
    return (goesAlone(input) ? this.#alone : this.#groups).commit(input);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#groups.close(), this.#alone.close()]);
  }
}

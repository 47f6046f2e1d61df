import { Inject, Injectable } from '@nestjs/common';
import { findHeadersAt, findHeaderTip, holdsContestedRoot } from '#ledger';
import type { ChainTip, ChainTracker, RootQuestion, RootVerdict } from '#ports';
import { DataSource } from 'typeorm';

/** Token of the ChainTracker. */
export const CHAIN_TRACKER = Symbol('CHAIN_TRACKER');

/** Judges from the header store in the database, so that every replica gives the same verdict. Nothing is cached: a reorg holds at once. */
@Injectable()
export class ChainTrackerService implements ChainTracker {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  async judgeRoots(questions: readonly RootQuestion[]): Promise<readonly RootVerdict[]> {
    if (questions.length === 0) return [];
    const heights = [...new Set(questions.map(({ height }) => height))];
    const headers = await findHeadersAt(this.database, heights);
    const roots = new Map(headers.map(({ height, header }) => [height, header.merkleRoot]));
    return Promise.all(questions.map((question) => this.#judge(question, roots.get(question.height))));
  }

  async #judge({ height, root }: RootQuestion, ours: string | undefined): Promise<RootVerdict> {
    if (ours === undefined) return 'UNKNOWN';
    if (ours === root) return 'OK';
    // Two branches of equal work: the root may be the right one tomorrow, so it is not called wrong today.
    return (await holdsContestedRoot(this.database, height, root)) ? 'UNKNOWN' : 'INVALID';
  }

  async findTip(): Promise<ChainTip | undefined> {
    const tip = await findHeaderTip(this.database);
    return tip && { height: tip.height, hash: tip.hash, medianTimePast: tip.medianTimePast };
  }
}

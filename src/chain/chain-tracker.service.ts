import { Inject, Injectable } from '@nestjs/common';
import { findChainView, findHeaderTip, findTipHash, listContestedRoots } from '#ledger';
import type { ChainTip, ChainTracker, RootQuestion, RootVerdict } from '#ports';
import { DataSource } from 'typeorm';
import { RootMemory } from './root-memory';

/** Token of the ChainTracker. */
export const CHAIN_TRACKER = Symbol('CHAIN_TRACKER');

/**
 * Judges from the header store in the database, so that every replica gives the same verdict. What is remembered is asked for again with each call, as one
 * question about one block: a reorg holds at once, whichever replica followed it.
 */
@Injectable()
export class ChainTrackerService implements ChainTracker {
  readonly #roots: RootMemory;
  #tip: ChainTip | undefined;

  constructor(@Inject(DataSource) private readonly database: DataSource) {
    this.#roots = new RootMemory((anchor, heights) => findChainView(this.database, anchor, heights));
  }

  async judgeRoots(questions: readonly RootQuestion[]): Promise<readonly RootVerdict[]> {
    if (questions.length === 0) return [];
    return this.judge(questions, await this.#roots.findRoots(questions));
  }

  async judgeRootsUnder(
    tip: ChainTip,
    questions: readonly RootQuestion[],
  ): Promise<readonly RootVerdict[] | undefined> {
    const { tipHash, roots } = await this.#roots.findView(questions);
    return tipHash === tip.hash ? this.judge(questions, roots) : undefined;
  }

  /** What the tip is, is asked each time; what follows from its hash is not. */
  async findTip(): Promise<ChainTip | undefined> {
    const hash = await findTipHash(this.database);
    if (hash === undefined) return undefined;
    if (this.#tip?.hash === hash) return this.#tip;
    const tip = await findHeaderTip(this.database);
    this.#tip = tip && { height: tip.height, hash: tip.hash, medianTimePast: tip.medianTimePast };
    return this.#tip;
  }

  recallTip(): ChainTip | undefined {
    return this.#tip;
  }

  private async judge(
    questions: readonly RootQuestion[],
    roots: ReadonlyMap<number, string>,
  ): Promise<readonly RootVerdict[]> {
    const differs = ({ height, root }: RootQuestion): boolean => roots.has(height) && roots.get(height) !== root;
    // Two branches of equal work: the root may be the right one tomorrow, so it is not called wrong today.
    const contested = new Set(await listContestedRoots(this.database, questions.filter(differs)));
    return questions.map((question) => {
      if (!roots.has(question.height) || contested.has(question)) return 'UNKNOWN';
      return differs(question) ? 'INVALID' : 'OK';
    });
  }
}

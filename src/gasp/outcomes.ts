import { GaspFault } from './gasp-fault';

/** What became of one listed output: `held` is asked for again, `refused` is not before the whole list is. */
export interface Outcome {
  readonly kind: 'taken' | 'refused' | 'held';
  readonly reason: string;
}

/** By graph, how it ended: the class of `@bsv/gasp` swallows what goes wrong with one, so it is written down where it happens. */
export class Outcomes {
  private readonly ended = new Map<string, Outcome>();

  take(graphID: string): void {
    this.ended.set(graphID, { kind: 'taken', reason: '' });
  }

  /** What nobody wrote down did not happen, and is asked for again. */
  find(graphID: string): Outcome {
    return this.ended.get(graphID) ?? { kind: 'held', reason: 'not judged' };
  }

  /** The first fault of a graph is its outcome. One of our own holds the output back and never counts against it. */
  async follow<T>(graphID: string, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (fault) {
      const isRefused = fault instanceof GaspFault && !fault.isPassing;
      const reason = fault instanceof Error ? fault.message : 'a fault';
      if (!this.ended.has(graphID)) this.ended.set(graphID, { kind: isRefused ? 'refused' : 'held', reason });
      throw fault;
    }
  }
}

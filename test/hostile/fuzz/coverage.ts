import { Session } from 'node:inspector/promises';

/**
 * Which blocks of the core were run, by the profiler of this very process. Reading it takes milliseconds, so it is read once for a batch of inputs, and one
 * by one only where a batch reached something new.
 */
export class Coverage {
  private readonly session = new Session();
  private readonly reached = new Set<string>();
  private readonly known = new Set<string>();

  private constructor(private readonly paths: RegExp) {}

  static async start(paths: RegExp): Promise<Coverage> {
    const coverage = new Coverage(paths);
    coverage.session.connect();
    await coverage.session.post('Profiler.enable');
    await coverage.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return coverage;
  }

  /** Blocks that were run since the last call, and ever before by nobody. They stay new until `keep`. */
  async takeNew(): Promise<string[]> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const fresh: string[] = [];
    for (const { url, functions } of result) {
      if (!this.paths.test(url)) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges) {
          const block = `${url}:${startOffset}:${endOffset}`;
          this.known.add(block);
          if (count > 0 && !this.reached.has(block)) fresh.push(block);
        }
    }
    return fresh;
  }

  keep(blocks: readonly string[]): void {
    for (const block of blocks) this.reached.add(block);
  }

  get figures(): { reached: number; known: number } {
    return { reached: this.reached.size, known: this.known.size };
  }

  stop(): void {
    this.session.disconnect();
  }
}

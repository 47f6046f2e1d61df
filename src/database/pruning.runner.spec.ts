import type { DataSource } from 'typeorm';
import { Log } from '../telemetry';
import { PruningRunner } from './pruning.runner';

const ROUND_MS = 30_000;

class CountedPruning extends PruningRunner {
  protected readonly what = 'counted rows';
  protected readonly batchesMax = 3;
  batches = 0;

  constructor(
    log: Log,
    private rows: number | Error,
  ) {
    super({} as DataSource, log);
  }

  protected prune(rowsMax: number): Promise<number> {
    this.batches += 1;
    if (this.rows instanceof Error) return Promise.reject(this.rows);
    const removed = Math.min(rowsMax, this.rows);
    this.rows -= removed;
    return Promise.resolve(removed);
  }
}

describe('PruningRunner', () => {
  const log = new Log({ level: 'fatal' });
  const rounds = async (runner: PruningRunner, count: number): Promise<void> => {
    runner.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(count * ROUND_MS);
    runner.onApplicationShutdown();
  };

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends a round with the first batch that is not full', async () => {
    const runner = new CountedPruning(log, 1_500);
    await rounds(runner, 1);
    expect(runner.batches).toBe(2);
  });

  it('leaves what is beyond its batches to the next round', async () => {
    const runner = new CountedPruning(log, 4_500);
    await rounds(runner, 1);
    expect(runner.batches).toBe(3);
    await rounds(runner, 1);
    expect(runner.batches).toBe(5);
  });

  it('logs a fault and tries again', async () => {
    const write = jest.spyOn(log, 'write').mockImplementation(() => undefined);
    const runner = new CountedPruning(log, new Error('away'));
    await rounds(runner, 2);
    expect(runner.batches).toBe(2);
    expect(write.mock.calls.map(([level, message]) => [level, message])).toEqual([
      ['warn', 'counted rows were not removed'],
      ['warn', 'counted rows were not removed'],
    ]);
  });

  it('does nothing after the stop', async () => {
    const runner = new CountedPruning(log, 1);
    await rounds(runner, 1);
    await jest.advanceTimersByTimeAsync(5 * ROUND_MS);
    expect(runner.batches).toBe(1);
  });
});

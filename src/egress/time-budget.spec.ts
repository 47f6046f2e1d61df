import { once } from 'node:events';
import { startTimeBudget } from './time-budget';

describe('a time budget', () => {
  it('ends by its time, by its parent, and never behind its end', async () => {
    const byTime = startTimeBudget(1);
    await once(byTime.signal, 'abort');
    const parent = new AbortController();
    const [byParent, ended] = [startTimeBudget(60_000, parent.signal), startTimeBudget(60_000, parent.signal)];
    ended.end();
    parent.abort();
    expect([byTime, byParent, ended].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    const late = startTimeBudget(60_000, parent.signal);
    expect(late.signal.aborted).toBe(true);
    late.end();
    byParent.end();
  });
});

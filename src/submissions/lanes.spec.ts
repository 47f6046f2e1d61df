import { setImmediate as turn } from 'node:timers/promises';
import { Lanes } from './lanes';

describe('lanes', () => {
  it('run so many at once, the others in their order, and go on after a failure', async () => {
    const lanes = new Lanes(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const works = [0, 1, 2, 3].map((name) =>
      lanes.run(async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (name === 0) throw new Error('failed');
        return name;
      }),
    );
    const first = works[0]?.catch((error: unknown) => (error as Error).message);
    await turn();
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    expect(await first).toBe('failed');
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    ends[1]?.();
    ends[2]?.();
    expect(await Promise.all(works.slice(1, 3))).toEqual([1, 2]);
    await turn();
    ends[3]?.();
    expect([await works[3], begun]).toEqual([3, [0, 1, 2, 3]]);
  });
});

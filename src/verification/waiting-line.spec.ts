import { WaitingLine } from './waiting-line';

const wait = (onEnd: () => void = () => undefined) => ({ patienceMs: 60_000, onEnd });

describe('the waiting line', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('lets a single pass everything that came in bulk', () => {
    const line = new WaitingLine<string>(10);
    for (const item of ['b1', 'b2', 'b3']) line.enter(item, 'bulk', wait());
    line.enter('s1', 'single', wait());
    expect([line.next(), line.next(), line.next(), line.next(), line.next()]).toEqual([
      's1',
      'b1',
      'b2',
      'b3',
      undefined,
    ]);
  });

  it('moves the bulk on under singles that never end', () => {
    const line = new WaitingLine<string>(100);
    for (const item of ['b1', 'b2']) line.enter(item, 'bulk', wait());
    const served: (string | undefined)[] = [];
    for (let turn = 0; turn < 18; turn += 1) {
      line.enter('s', 'single', wait());
      served.push(line.next());
    }
    expect(served.indexOf('b1')).toBe(8);
    expect(served.indexOf('b2')).toBe(17);
  });

  it('is full for the one kind without being full for the other', () => {
    const line = new WaitingLine<number>(2);
    expect([1, 2, 3].map((item) => line.enter(item, 'bulk', wait()))).toEqual([true, true, false]);
    expect([1, 2, 3].map((item) => line.enter(item, 'single', wait()))).toEqual([true, true, false]);
    expect(line.length).toBe(4);
  });

  it('loses who waited too long, and nobody else', () => {
    const line = new WaitingLine<string>(10);
    const left: string[] = [];
    for (const [item, patienceMs] of [
      ['a', 3_000],
      ['b', 1_000],
      ['c', 3_000],
    ] as const) {
      line.enter(item, 'single', { patienceMs, onEnd: () => left.push(item) });
    }
    jest.advanceTimersByTime(2_000);
    expect([left, line.length]).toEqual([['b'], 2]);
    expect(line.next()).toBe('a');
    jest.advanceTimersByTime(2_000);
    expect([left, line.next()]).toEqual([['b', 'c'], undefined]);
    expect(line.clear()).toEqual([]);
  });
});

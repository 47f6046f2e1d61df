import { FairLine } from './fair-line';

const drain = (line: FairLine<string>): string[] => {
  const taken: string[] = [];
  for (let next = line.next(() => true); next !== undefined; next = line.next(() => true)) taken.push(next);
  return taken;
};

describe('a fair line', () => {
  it('takes organisations in turn, and of each whoever came first', () => {
    const line = new FairLine<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) line.enter(item.charAt(0), item);
    expect([line.length, line.listOf('a').length, line.listOf('nobody').length]).toEqual([6, 3, 0]);
    expect(drain(line)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect([line.length, line.listOf('a').length]).toEqual([0, 0]);
  });

  it('does not let an organisation that comes again and again stand before one that waits', () => {
    const line = new FairLine<string>();
    for (const item of ['a1', 'a2', 'b1']) line.enter(item.charAt(0), item);
    expect(line.next(() => true)).toBe('a1');
    line.enter('a', 'a3');
    expect(drain(line)).toEqual(['b1', 'a2', 'a3']);
  });

  it('keeps the turn of whoever did not fit', () => {
    const line = new FairLine<string>();
    for (const item of ['a1', 'b1', 'a2']) line.enter(item.charAt(0), item);
    expect(line.next((item) => item !== 'a1')).toBeUndefined();
    expect(drain(line)).toEqual(['a1', 'b1', 'a2']);
  });

  it('lets go of whoever leaves, and of all at the end', () => {
    const line = new FairLine<string>();
    for (const item of ['a1', 'a2', 'b1']) line.enter(item.charAt(0), item);
    line.leave('b', 'b1');
    line.leave('b', 'b1');
    line.leave('a', 'a1');
    expect(line.length).toBe(1);
    expect([line.clear(), line.length, line.next(() => true)]).toEqual([['a2'], 0, undefined]);
  });
});

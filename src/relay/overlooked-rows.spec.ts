import { OverlookedRows } from './overlooked-rows';

const SECOND = 1_000;

describe('rows that stay due', () => {
  let worked: string[];
  let letGo: () => void;
  let rows: OverlookedRows;
  beforeEach(() => {
    worked = [];
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    rows = new OverlookedRows((id) => {
      worked.push(id);
      return gate;
    });
  });

  it('are worked after three seconds of ticks, and not before', () => {
    for (const second of [0, 1, 2]) rows.look(['one'], second * SECOND);
    expect(worked).toEqual([]);
    rows.look(['one'], 3 * SECOND);
    rows.look(['one'], 7 * SECOND);
    expect(worked).toEqual(['one']);
  });

  it('are counted anew when they were not due in between', () => {
    rows.look(['one'], 0);
    rows.look([], SECOND);
    rows.look(['one'], 2 * SECOND);
    rows.look(['one'], 4 * SECOND);
    expect(worked).toEqual([]);
  });

  it('are a few at once, the oldest first, and all of them in the end', async () => {
    const many = ['1', '2', '3', '4', '5', '6'];
    rows.look(many, 0);
    rows.look(many, 3 * SECOND);
    expect(worked).toEqual(['1', '2', '3', '4']);
    letGo();
    await rows.finish();
    rows.look(['5', '6'], 4 * SECOND);
    expect(worked).toEqual(many);
  });

  it('may fail without anybody hearing of it here', async () => {
    const failing = new OverlookedRows(() => Promise.reject(new Error('away')));
    failing.look(['one'], 0);
    failing.look(['one'], 3 * SECOND);
    await expect(failing.finish()).resolves.toBeUndefined();
  });
});

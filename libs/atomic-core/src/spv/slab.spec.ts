import { Slab, SlabMemory, allocateAnew } from './slab';

describe('the memory of a thread that folds BUMPs', () => {
  it('is the same memory for one fold after the other, and empty for each', () => {
    const memory = new SlabMemory();
    const first = memory.lend((allocate) => {
      const marks = new Slab(2, 3, allocate).cutUint8(3);
      marks.fill(7);
      return marks.buffer;
    });
    const second = memory.lend((allocate) => new Slab(1, 2, allocate).cutUint8(6));
    expect(second.buffer).toBe(first);
    expect([...second]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('grows with what is asked of it, but does not keep what no BEEF needs', () => {
    const memory = new SlabMemory();
    const sizes = [16, 64, 33 * 1024 * 1024, 8].map((size) =>
      memory.lend((allocate) => new Slab(0, size, allocate).cutUint8(size).buffer.byteLength),
    );
    expect(sizes).toEqual([16, 64, 33 * 1024 * 1024, 64]);
  });

  it('belongs to one borrower, and to one slab of that borrower', () => {
    const memory = new SlabMemory();
    const buffers = memory.lend((allocate) => {
      const outer = new Slab(0, 8, allocate).cutUint8(8).buffer;
      const again = new Slab(0, 8, allocate).cutUint8(8).buffer;
      const inner = memory.lend((other) => new Slab(0, 8, other).cutUint8(8).buffer);
      return [outer, again, inner, new Slab(0, 8, allocateAnew).cutUint8(8).buffer];
    });
    expect(new Set(buffers).size).toBe(4);
  });

  it('is given back by a borrower that throws', () => {
    const memory = new SlabMemory();
    const borrow = (): ArrayBufferLike => memory.lend((allocate) => new Slab(0, 8, allocate).cutUint8(8).buffer);
    const before = borrow();
    expect(() =>
      memory.lend(() => {
        throw new Error('a fault');
      }),
    ).toThrow('a fault');
    expect(borrow()).toBe(before);
  });
});

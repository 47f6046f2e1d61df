import fc from 'fast-check';
import { bitsOf, targetOf, workOf } from './compact-bits';

describe('compact bits', () => {
  it.each([
    [0x1d00ffff, 0xffffn << 208n],
    [0x207fffff, 0x7fffffn << 232n],
    [0x1b0404cb, 0x0404cbn << 192n],
    [0x03123456, 0x123456n],
    [0x02123456, 0x1234n],
    [0x05009234, 0x92340000n],
  ])('%d stand for their target', (bits, target) => {
    expect(targetOf(bits)).toBe(target);
  });

  it.each([
    ['zero', 0],
    ['a zero mantissa', 0x20000000],
    ['a mantissa shifted out', 0x01003456],
    ['a negative target', 0x1d80ffff],
    ['a negative zero', 0x01fedcba],
    ['more than 256 bits', 0x23010000],
    ['far more than 256 bits', 0xff7fffff],
  ])('refuse %s', (_, bits) => {
    expect(targetOf(bits)).toBeUndefined();
    expect(workOf(bits)).toBeUndefined();
  });

  it('survive the way to a target and back, losing only low bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: (1n << 255n) - 1n }), (target) => {
        const back = targetOf(bitsOf(target));
        expect(back).toBeDefined();
        expect(back as bigint).toBeLessThanOrEqual(target);
        expect(bitsOf(back as bigint)).toBe(bitsOf(target));
        expect((target - (back as bigint)) * 32768n).toBeLessThanOrEqual(target);
      }),
    );
  });

  it('give the work of the genesis block', () => {
    expect(workOf(0x1d00ffff)).toBe(0x100010001n);
    expect(workOf(0x207fffff)).toBe(2n);
  });
});

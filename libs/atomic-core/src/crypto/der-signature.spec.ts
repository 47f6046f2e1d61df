import { BigNumber, Signature } from '@bsv/sdk';
import { readDer, writeDer } from './der-signature';

/** Seeded, so that a failure is one that can be seen again. */
const open = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const theirs = (der: Uint8Array): string | undefined => {
  try {
    const { r, s } = Signature.fromDER([...der]);
    if (r.byteLength() > 32 || s.byteLength() > 32) return undefined;
    return Buffer.from([...r.toArray('be', 32), ...s.toArray('be', 32)]).toString('hex');
  } catch {
    return undefined;
  }
};
const ours = (der: Uint8Array): string | undefined => {
  const read = readDer(der);
  return read && Buffer.from(read).toString('hex');
};

describe('signatures in DER', () => {
  const draw = open(20261130);
  const drawNumber = (): number[] => {
    const zeros = draw(4) === 0 ? draw(33) : 0;
    return Array.from({ length: 32 }, (_, at) => (at < zeros ? 0 : draw(256)));
  };
  const compacts = Array.from({ length: 2_000 }, () => Uint8Array.from([...drawNumber(), ...drawNumber()]));

  it('are written as the SDK writes them, and read back', () => {
    for (const compact of compacts) {
      const [r, s] = [compact.subarray(0, 32), compact.subarray(32)].map((octets) => new BigNumber([...octets]));
      const der = writeDer(compact);
      // The SDK writes a zero as no octets at all, which nothing reads; neither number of a signature is zero.
      if (r?.isZero() === false && s?.isZero() === false)
        expect([...der]).toEqual(new Signature(r, s).toDER() as number[]);
      if (r?.isZero() === false && s?.isZero() === false) expect(readDer(der)).toEqual(compact);
    }
  });

  it('are read where the SDK reads them, damaged in every way', () => {
    let read = 0;
    for (const compact of compacts) {
      const der = [...writeDer(compact)];
      for (let round = 0; round < 8; round += 1) {
        const damaged = [...der];
        for (let count = 1 + draw(3); count > 0; count -= 1) {
          const at = draw(4) === 0 ? draw(damaged.length) : [0, 1, 2, 3, 4, 5, 3 + (der[3] ?? 0)][draw(7)];
          const way = draw(4);
          if (way === 0) damaged[at ?? 0] = draw(256);
          else if (way === 1) damaged.splice(at ?? 0, 1);
          else if (way === 2) damaged.splice(at ?? 0, 0, draw(2) === 0 ? 0 : draw(256));
          else damaged[1] = damaged.length - 2;
        }
        const octets = Uint8Array.from(damaged);
        expect([octets, ours(octets)]).toEqual([octets, theirs(octets)]);
        if (ours(octets) !== undefined) read += 1;
      }
    }
    expect(read).toBeGreaterThan(1_000);
  });

  it.each([
    ['nothing', []],
    ['a sequence of nothing', [0x30, 0]],
    ['r alone', [0x30, 3, 2, 1, 1]],
    ['an s that is cut', [0x30, 6, 2, 1, 1, 2, 2, 1]],
    ['a long length', [0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]],
    ['a zero in front that is not needed', [0x30, 7, 2, 2, 0, 1, 2, 1, 1]],
    ['r of 33 octets', [0x30, 38, 2, 33, ...Array.from({ length: 33 }, () => 1), 2, 1, 1]],
  ])('are not %s', (_what, octets) => expect(readDer(Uint8Array.from(octets))).toBeUndefined());
});

import type { CryptoBackend } from '#atomic-core';
import type { CurveBinding } from './curve-binding';
import { verifyOurs } from './engines';
import { race, type RaceSettings } from './race';
import { printTable, round, us } from './report';
import { buildChain, buildConsolidation, buildInputs, buildWide, type Fixture } from './shapes';

interface Line {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly build: (curve: CurveBinding, size: number) => Fixture;
}

const lines: readonly Line[] = [
  { name: 'depth (transactions in a row)', sizes: [10, 100, 300, 900], build: buildChain },
  { name: 'width (children side by side)', sizes: [10, 100, 300, 900], build: buildWide },
  { name: 'BUMPs (proven parents)', sizes: [10, 100, 300, 900], build: buildConsolidation },
  { name: 'inputs (of one transaction)', sizes: [10, 100, 300, 1_000], build: buildInputs },
];

export interface Growth {
  readonly name: string;
  readonly sizes: readonly number[];
  /** Microseconds of CPU for one more of it: the whole time over the size. */
  readonly unitUs: readonly number[];
  /** The unit at the largest size over the unit at 100: 1 is linear, 9 would be quadratic. */
  readonly factor: number;
}

/** Sizes of one line are timed in turns, so that the factor between them does not measure the neighbours. */
export const raceGrowth = async (
  curve: CurveBinding,
  crypto: CryptoBackend,
  settings: RaceSettings,
): Promise<Growth[]> => {
  const grown: Growth[] = [];
  for (const { name, sizes, build } of lines) {
    const contenders = sizes.map((size) => {
      const { beef } = build(curve, size);
      return { name: String(size), perCall: size, run: () => verifyOurs(beef, crypto) };
    });
    const timings = await race(contenders, settings);
    const unitUs = timings.map(({ cpuUs }) => cpuUs);
    grown.push({ name, sizes, unitUs, factor: unitUs.at(-1)! / unitUs[sizes.indexOf(100)]! });
  }
  return grown;
};

export const printGrowth = (grown: readonly Growth[]): void =>
  printTable(
    'Growth: CPU µs for each of them, at four sizes (linear: the last column stays near 1)',
    ['what grows', 'sizes', 'µs each', 'largest over 100'],
    grown.map(({ name, sizes, unitUs, factor }) => [
      name,
      sizes.join(' '),
      unitUs.map(us).join(' '),
      factor.toFixed(2),
    ]),
  );

export const recordGrowth = (grown: readonly Growth[]): object[] =>
  grown.map(({ name, sizes, unitUs, factor }) => ({
    name,
    sizes,
    unitUs: unitUs.map((value) => round(value)),
    factor: round(factor, 3),
  }));

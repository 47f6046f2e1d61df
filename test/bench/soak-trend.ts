/** Values over time, in bytes, one a second. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  /** Bytes that it may move by, whatever their share of it. */
  readonly allowanceBytes: number;
}

export interface Trend {
  readonly name: string;
  readonly firstQuarter: number;
  readonly lastQuarter: number;
  /** Last quarter over first, as a change: 0.05 is five percent more. */
  readonly change: number;
  /** The change over the whole time by the line of least squares. */
  readonly slope: number;
  readonly isFlat: boolean;
}

const FLAT_SHARE = 0.05;
/** One body of the largest size: what happens to be under way at the moment moves by so much. Over ten minutes it is some ten bytes for a BEEF. */
export const UNDER_WAY_BYTES = 4 * 1024 * 1024;
/** A heap is a saw: what says whether it grows is where it falls to. */
const WINDOW = 10;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The lowest value of every ten. */
export const lowWater = (values: readonly number[]): number[] =>
  Array.from({ length: Math.ceil(values.length / WINDOW) }, (_, index) =>
    Math.min(...values.slice(index * WINDOW, (index + 1) * WINDOW)),
  );

const fitSlope = (values: readonly number[]): number => {
  const middle = (values.length - 1) / 2;
  const average = mean(values);
  let above = 0;
  let below = 0;
  for (const [index, value] of values.entries()) {
    above += (index - middle) * (value - average);
    below += (index - middle) ** 2;
  }
  return below === 0 ? 0 : above / below;
};

export const judgeTrend = ({ name, values, allowanceBytes }: Series): Trend => {
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const firstQuarter = mean(values.slice(0, quarter));
  const lastQuarter = mean(values.slice(-quarter));
  const grownBytes = Math.max(Math.abs(lastQuarter - firstQuarter), Math.abs(fitSlope(values) * values.length));
  const change = (lastQuarter - firstQuarter) / firstQuarter;
  const slope = (fitSlope(values) * values.length) / mean(values);
  const isFlat = (Math.abs(change) <= FLAT_SHARE && Math.abs(slope) <= FLAT_SHARE) || grownBytes <= allowanceBytes;
  return { name, firstQuarter, lastQuarter, change, slope, isFlat };
};

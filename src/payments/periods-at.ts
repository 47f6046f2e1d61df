import type { Period, PeriodBounds } from '#atomic-core';

/** The day and the month that a moment is in, in UTC, which has no days of 23 hours. */
export const periodsAt = (atMs: number): Readonly<Record<Period, PeriodBounds>> => {
  const at = new Date(atMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  return {
    day: { startsMs: Date.UTC(year, month, day), endsMs: Date.UTC(year, month, day + 1) },
    month: { startsMs: Date.UTC(year, month, 1), endsMs: Date.UTC(year, month + 1, 1) },
  };
};

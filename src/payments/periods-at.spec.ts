import { periodsAt } from './periods-at';

const printed = (text: string): string[] => {
  const { day, month } = periodsAt(Date.parse(text));
  return [day.startsMs, day.endsMs, month.startsMs, month.endsMs].map((ms) => new Date(ms).toISOString().slice(0, 10));
};

describe('the periods of a moment', () => {
  it.each([
    ['2026-11-30T23:59:59.999Z', ['2026-11-30', '2026-12-01', '2026-11-01', '2026-12-01']],
    ['2026-12-31T00:00:00Z', ['2026-12-31', '2027-01-01', '2026-12-01', '2027-01-01']],
    ['2028-02-29T12:00:00+14:00', ['2028-02-28', '2028-02-29', '2028-02-01', '2028-03-01']],
  ])('of %s are in UTC', (text, periods) => expect(printed(text)).toEqual(periods));
});

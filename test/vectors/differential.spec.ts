import { readPublicBeefs } from './differential/read-public-beefs';
import { type DifferentialReport, runDifferential } from './differential/run-differential';

/** Ours against `@bsv/sdk` over mutated BEEFs and scripts. `npm run differential` runs more of it, and other seeds. */
const SEED = 20_261_121;
const CASES = 5_000;

describe('the core and @bsv/sdk over the same mutated bytes', () => {
  let report: DifferentialReport;
  beforeAll(async () => {
    report = await runDifferential({ seed: SEED, cases: CASES, publicBeefs: readPublicBeefs() });
  }, 240_000);

  const count = (prefix: string): number =>
    Object.entries(report.categories)
      .filter(([category]) => category.startsWith(prefix))
      .reduce((sum, [, number]) => sum + number, 0);

  it('accepts nothing that the SDK refuses and refuses nothing that it accepts, but for a rule with a name', () => {
    expect(report.findings).toEqual([]);
    expect(report.judged).toBe(CASES);
  });

  it('judges enough of every kind for that to mean something', () => {
    expect(count('accepted by both')).toBeGreaterThan(CASES / 10);
    expect(count('refused by both')).toBeGreaterThan(CASES / 4);
    expect(count('accepted by the SDK only')).toBeGreaterThan(CASES / 50);
    expect(count('accepted here only')).toBeGreaterThan(0);
  });
});

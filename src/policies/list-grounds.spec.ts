import { askTest, employee, openTestEngine } from './engine/test-engine';
import { listGrounds } from './list-grounds';

const auditor = { ...employee(''), name: 'auditor', fields: new Map<string, string>() };

const groundsOf = async (text: string, certificates = [employee('buyer'), auditor]) => {
  const engine = await openTestEngine(text);
  const question = askTest({ certificates });
  const { certificates: names, revocationMaxAgeMs } = listGrounds(
    engine.evaluate(question),
    engine.listApplicable(question.action),
  );
  return [[...names].sort(), revocationMaxAgeMs];
};
const EMPLOYEES = `@id("employees") @revocationMaxAge("1h") permit (principal, action, resource) when { principal.certificates has employee };`;
const AUDITORS = `@id("auditors") @revocationMaxAge("10m") permit (principal, action, resource) when { principal.certificates has auditor };`;

describe('what a permission rests on', () => {
  it('is what the permits look at that hold, by the strictest age of theirs', async () => {
    expect(await groundsOf(EMPLOYEES)).toEqual([['employee'], 3_600_000]);
    expect(await groundsOf(EMPLOYEES + AUDITORS)).toEqual([['auditor', 'employee'], 600_000]);
    expect(await groundsOf(EMPLOYEES + AUDITORS, [employee('buyer')])).toEqual([['employee'], 3_600_000]);
  });

  it('is nothing, where a permit holds that looks at no certificate', async () => {
    expect(await groundsOf(`${EMPLOYEES}@id("all") permit (principal, action, resource);`)).toEqual([[], undefined]);
  });

  it('is what a forbid looks at, although it is silent because of it', async () => {
    const text = `@id("all") permit (principal, action, resource);
      @id("no-strangers") @revocationMaxAge("5m") forbid (principal, action, resource) unless { principal.certificates has employee };`;
    expect(await groundsOf(text)).toEqual([['employee'], 300_000]);
  });
});

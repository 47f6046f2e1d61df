import { ConfigError } from '../../config';
import { openTestEngine } from './test-engine';

const refusal = async (...texts: string[]): Promise<string> => {
  const error = await openTestEngine(...texts).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ConfigError)) throw new Error(`It was not refused: ${String(error)}`);
  return error.message;
};
const ALL = '@id("all") permit (principal, action, resource);\n';

describe('policies that stop the start, with one sentence that names the place', () => {
  it('do not parse', async () => {
    expect(await refusal(ALL, `// dé jà vu — and so on\n${ALL} permit (principal, action, resource) whem {};`)).toMatch(
      /^policies1\.cedar:3:39: .*whem.*\.$/u,
    );
  });

  it.each([
    ['a route that there is not', '@id("x") permit (principal, action == Action::"GET /v1/identitee", resource);'],
    ['a role that there is not', '@id("x") permit (principal in Role::"boss", action, resource);'],
    [
      'a certificate that is not configured',
      '@id("x") permit (principal, action, resource) when { principal.certificates has employe && principal.certificates.employe.certifier == "" };',
    ],
    [
      'a field that is not asked for',
      '@id("x") permit (principal, action, resource) when { principal.certificates has employee && principal.certificates.employee.fields.salary == "1" };',
    ],
    [
      'a certificate that may not be there',
      '@id("x") permit (principal, action, resource) when { principal.certificates.employee.fields.role == "buyer" };',
    ],
    [
      'a thing as what it is not',
      '@id("x") permit (principal, action, resource) when { context.approvals.count == "2" };',
    ],
    [
      'an action of a topic on the gateway',
      '@id("x") permit (principal, action == Action::"submitToTopic", resource is Gateway);',
    ],
    ['what can never be', '@id("x") permit (principal, action, resource) when { false };'],
  ])('name %s', async (_what, text) => {
    expect(await refusal(`${ALL}${text}`)).toMatch(/^policies\.cedar:2:\d+: [^\n]+\.$/u);
  });

  it('have no @id, or one that is taken, in whatever file', async () => {
    expect(await refusal(`${ALL}permit (principal, action, resource);`)).toMatch(/^policies\.cedar:2:1: .*@id/u);
    expect(await refusal(ALL, '@id("all") forbid (principal, action, resource);')).toMatch(
      /^policies1\.cedar: .*"all"/u,
    );
  });

  it('misspell an annotation, which would be a check that nobody makes', async () => {
    expect(await refusal('@id("x") @revocationMaxage("10m") permit (principal, action, resource);')).toMatch(
      /no annotation @revocationMaxage/u,
    );
  });

  it.each(['', '10', '10 m', 'ten minutes', '0m', '-1m', '1.5h', '9999999d'])(
    'ask for an answer of the age "%s"',
    async (age) => {
      const text = `@id("x") @revocationMaxAge("${age}") permit (principal, action, resource) when { principal.certificates has employee };`;
      expect(await refusal(text)).toMatch(/@revocationMaxAge of "x"/u);
    },
  );

  it('ask how fresh an answer is about no certificate', async () => {
    expect(await refusal('@id("x") @revocationMaxAge("10m") permit (principal, action, resource);')).toMatch(
      /looks at no certificate/u,
    );
  });

  it('are templates, or none at all', async () => {
    expect(await refusal('@id("x") permit (principal == ?principal, action, resource);')).toMatch(/template/u);
    expect(await refusal('// nothing yet\n')).toMatch(/no policy/u);
  });
});

describe('what is known of a policy before anybody asks', () => {
  it('is which certificates it may look at, however it names them', async () => {
    const engine = await openTestEngine(`
      @id("bare") permit (principal, action == Action::"GET /v1/identity", resource);
      @id("one") permit (principal, action == Action::"POST /v1/offers", resource)
      when { principal.certificates has employee.fields.role && principal.certificates.employee.fields.role == "auditor" };
      @id("long-way") @revocationMaxAge("90s") permit (principal, action == Action::"POST /v1/submissions", resource)
      when { principal has certificates.auditor };`);
    const seen = (action: string) => engine.listApplicable(action).map(({ id, certificates }) => [id, certificates]);
    expect(seen('GET /v1/identity')).toEqual([['bare', []]]);
    expect(seen('POST /v1/offers')).toEqual([['one', ['employee']]]);
    expect(seen('POST /v1/submissions')).toEqual([['long-way', ['auditor']]]);
    expect(engine.listApplicable('POST /v1/submissions')[0]?.revocationMaxAgeMs).toBe(90_000);
    expect(seen('submitToTopic')).toEqual([]);
  });

  it('is all of them, where it looks at them as a whole', async () => {
    const engine = await openTestEngine(`
      @id("whole") permit (principal, action, resource) when { principal.certificates == principal.certificates };`);
    expect(engine.listApplicable('submitToTopic')[0]?.certificates).toEqual(['employee', 'auditor', 'standing']);
  });

  it('are the organisations and steps by which approvals could help it', async () => {
    const engine = await openTestEngine(`
      @id("two") permit (principal, action == Action::"submitToTopic", resource) when { context has step && context.step == "release" }
      when { context.approvals.organisations.containsAll([Organisation::"globex", Organisation::"bank"]) };
      @id("one") permit (principal in Organisation::"acme", action, resource);`);
    expect(engine.listApplicable('submitToTopic').map(({ approvals }) => approvals)).toEqual([
      { organisations: ['bank', 'globex'], texts: ['release'] },
      undefined,
    ]);
  });
});

it('more than ten policies keep their own words: Cedar numbers and sorts them as text', async () => {
  const text = Array.from(
    { length: 12 },
    (_, n) => `@id("p${String(n)}") permit (principal == Identity::"${String(n)}", action, resource);`,
  );
  const engine = await openTestEngine(text.join('\n'));
  const policies = engine.listApplicable('submitToTopic');
  expect(policies.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => `p${String(n)}`));
  for (const { id, text: own } of policies) expect(own).toContain(`@id("${id}")`);
  expect(await refusal(`${text.join('\n')}\npermit (principal, action, resource);`)).toMatch(
    /^policies\.cedar:13:1: /u,
  );
});

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const top = join(__dirname, '..', '..');
const folder = join(top, 'ops', 'alerts');

const readSources = (path: string): string =>
  readdirSync(path, { withFileTypes: true })
    .map((entry) => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return readSources(inner);
      return /(?<!\.spec)\.ts$/u.test(entry.name) ? readFileSync(inner, 'utf8') : '';
    })
    .join('\n');

/** An alert on a series that nobody writes is silent for ever. */
it('alerts ask for metrics that the gateway has', () => {
  const sources = readSources(join(top, 'src'));
  const files = readdirSync(folder).filter((name) => name.endsWith('.yml'));
  const asked = files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/^\s+expr: .*$/gmu)].flatMap(([line]) => [
      ...line.matchAll(/portcullis_([a-z_]+)/gu),
    ]),
  );
  const names = [...new Set(asked.map(([, name]) => name ?? ''))];
  expect(names).toEqual(expect.arrayContaining(['revocation_age_seconds', 'revocation_outpoints']));
  expect(names.filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
});

it('an alert that names one thing asks for each of them', () => {
  const alerts = readFileSync(join(folder, 'revocation.yml'), 'utf8').split('- alert: ').slice(1);
  const naming = alerts.filter((text) => text.includes('$labels.'));
  expect(naming.map((text) => text.split('\n', 1)[0])).toEqual([
    'PortcullisRevocationStale',
    'PortcullisRevocationUnknown',
  ]);
  for (const text of naming)
    for (const [, label] of text.matchAll(/\$labels\.(\w+)/gu)) expect(text).toContain(`expr: max by (${label}) (`);
});

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

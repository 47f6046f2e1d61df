import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../src/cli/exit-codes';
import { describeSettings } from '../../src/config';

const top = join(__dirname, '..', '..');
const readme = readFileSync(join(top, 'README.md'), 'utf8');
const squeeze = (table: string): string => table.replace(/ +/gu, ' ').replace(/-+/gu, '-').trim();

describe('the README', () => {
  it('holds the generated table of settings; `npm run config:table` renews it', () => {
    const [, rest = ''] = readme.split('<!-- settings -->');
    const [table = ''] = rest.split('<!-- /settings -->');
    expect(squeeze(table)).toBe(squeeze(describeSettings()));
  });

  it('documents every exit code', () => {
    for (const code of Object.values(exitCodes)) expect(readme).toMatch(new RegExp(`^\\| ${String(code)} +\\|`, 'mu'));
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run ([\w:-]+)/gu)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

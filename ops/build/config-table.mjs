// Writes the generated table of settings between its markers in the README.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from './build.mjs';
import { top } from '../launch/prepare.mjs';

await build();
const { describeSettings } = createRequire(import.meta.url)(join(top, 'dist', 'src', 'config', 'describe-config.js'));
const path = join(top, 'README.md');
const readme = readFileSync(path, 'utf8');
const marked = /(<!-- settings -->)[\s\S]*(<!-- \/settings -->)/u;
if (!marked.test(readme)) throw new Error('README.md has no settings markers');
writeFileSync(
  path,
  readme.replace(marked, (_all, open, close) => `${open}\n\n${describeSettings()}\n\n${close}`),
);

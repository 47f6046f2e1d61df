// npm run demo: prepares what is missing, then plays the story. Arguments go to the demo; see `npm run demo -- --help`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare, top } from './prepare.mjs';

await prepare({ withDev: false });
createRequire(import.meta.url)(join(top, 'dist', 'src', 'demo', 'main.js'));

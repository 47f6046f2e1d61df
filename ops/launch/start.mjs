// npm start: prepares what is missing, then becomes the gateway. Arguments go to `portcullis start`.
import { createRequire } from 'node:module';
import nodeModule from 'node:module';
import { join } from 'node:path';
import { prepare, top } from './prepare.mjs';

await prepare({ withDev: false });
// Node >= 22 keeps compiled code between starts; older versions simply compile again.
nodeModule.enableCompileCache?.();
const binary = join(top, 'dist', 'src', 'main.js');
process.argv = [process.execPath, binary, 'start', ...process.argv.slice(2)];
createRequire(import.meta.url)(binary).main(process.argv);

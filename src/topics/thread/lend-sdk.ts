import { createRequire, Module, register } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LoadOrder } from './thread-message';

const SDK = '@bsv/sdk';

/** Runs in the module loader, as a module of its own. Whoever has an SDK keeps it: only a look-up that fails is made again from here. */
const HOOKS = `
let ours;
export const initialize = ({ parent }) => { ours = parent; };
export const resolve = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (specifier !== '${SDK}') throw error;
    return next(specifier, { ...context, parentURL: ours });
  }
};`;

/** A file that stands beside no package may import `@bsv/sdk` all the same, and gets ours: a topic of ten lines needs no installation. */
export function lendSdk({ module, folders: [folder = '.'] }: LoadOrder): void {
  const home = /^[./]/u.test(module) ? dirname(resolve(folder, module)) : folder;
  if (hasSdk(home)) return;
  const parent = pathToFileURL(__filename).href;
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { parentURL: parent, data: { parent } });
  const [packages = ''] = createRequire(__filename)
    .resolve(SDK)
    .split(`${sep}${join(SDK)}${sep}`);
  // The last place that `require` looks in. Read again at once: a thread inherits no NODE_PATH.
  process.env['NODE_PATH'] = packages;
  (Module as unknown as { _initPaths: () => void })._initPaths();
}

function hasSdk(folder: string): boolean {
  try {
    createRequire(join(folder, 'portcullis-topics.js')).resolve(SDK);
    return true;
  } catch {
    return false;
  }
}

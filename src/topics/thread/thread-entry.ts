import { join } from 'node:path';

export interface ThreadEntry {
  readonly file: string;
  readonly execArgv: string[];
}

// The way to import as the extension would is called experimental by Node, once for each thread and of no use to an operator.
const QUIET = '--disable-warning=ExperimentalWarning';

/** From the build a thread is a file of it; when this very file was compiled in memory (Jest), the thread compiles the sources likewise. */
export function threadEntry(): ThreadEntry {
  if (!__filename.endsWith('.ts')) return { file: join(__dirname, 'extension-worker.js'), execArgv: [QUIET] };
  const register = join(__dirname, '..', '..', '..', 'ops', 'build', 'register-typescript.cjs');
  return { file: join(__dirname, 'extension-worker.ts'), execArgv: [QUIET, '--require', register] };
}

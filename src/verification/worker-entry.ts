import { join } from 'node:path';

export interface WorkerEntry {
  readonly file: string;
  readonly execArgv: string[];
}

/**
 * A worker thread runs under plain Node. From the build that is all there is to it; when this very file was compiled in memory (Jest), the worker
 * compiles the sources likewise, so that a test never judges a stale build.
 */
export function workerEntry(): WorkerEntry {
  if (!__filename.endsWith('.ts')) return { file: join(__dirname, 'verification-worker.js'), execArgv: [] };
  const register = join(__dirname, '..', '..', 'ops', 'build', 'register-typescript.cjs');
  return { file: join(__dirname, 'verification-worker.ts'), execArgv: ['--require', register] };
}

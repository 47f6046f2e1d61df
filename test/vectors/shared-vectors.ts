import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../shared/vectors');

/**
 * Public vectors lie beside the project, not in it. Without them a suite says so and skips; in CI their absence is a failure, so that a green run there
 * always means that they were judged.
 */
const readSharedVectors = (path: string): unknown => {
  const file = join(ROOT, path);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  if (process.env['CI'] === 'true') throw new Error(`the shared vectors ${path} are missing`);
  process.stderr.write(`SKIPPED: the shared vectors ${path} are not here\n`);
  return undefined;
};

/** `describe` when the vectors are here, `describe.skip` when not. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the shape of its own vectors
export const describeVectors = <T>(title: string, path: string, body: (vectors: T) => void): void => {
  const vectors = readSharedVectors(path);
  if (vectors !== undefined) describe(title, () => body(vectors as T));
  else describe.skip(title, () => it('needs the shared vectors', () => undefined));
};

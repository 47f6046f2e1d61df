import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicBeef } from './make-case';

interface Recorded {
  readonly hex: string;
  readonly roots?: Readonly<Record<string, string>>;
}

const FILE = join(__dirname, '../../../../shared/vectors/beef/public-beefs.json');
/** bytes: larger ones cost the SDK more time than their mutants are worth. */
const BYTES_MAX = 8_000;

/** The public BEEFs lie beside the project; without them the generated ones stand alone. */
export const readPublicBeefs = (): PublicBeef[] => {
  if (!existsSync(FILE)) return [];
  const { beefs } = JSON.parse(readFileSync(FILE, 'utf8')) as { beefs: readonly Recorded[] };
  return beefs
    .filter(({ hex }) => hex.length <= 2 * BYTES_MAX)
    .map(({ hex, roots = {} }) => ({
      bytes: Buffer.from(hex, 'hex'),
      roots: Object.entries(roots).map(([height, root]) => ({ height: Number(height), root })),
    }));
};

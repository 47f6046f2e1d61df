import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from '../../config';

export interface PolicyText {
  /** Its name without its folder, for whoever has to find the place. */
  readonly file: string;
  readonly text: string;
}

const EXTENSION = '.cedar';
/** bytes: a thousand long policies. */
const FILE_BYTES_MAX = 1_048_576;
const FILES_MAX = 256;

/** The policies under a path: one file, or each `.cedar` file of a folder, in the order of their names. Anything that cannot be read stops the start. */
export const readPolicyFiles = (path: string): readonly PolicyText[] => {
  const paths = listPaths(path);
  if (paths.length === 0) throw new ConfigError(`PORTCULLIS_POLICIES: the folder ${path} holds no ${EXTENSION} file.`);
  if (paths.length > FILES_MAX)
    throw new ConfigError(`PORTCULLIS_POLICIES: the folder ${path} holds more than ${String(FILES_MAX)} files.`);
  return paths.map((one) => ({ file: basename(one), text: readText(one) }));
};

/** The same for the same text, however its lines end: `cat *.cedar | sha256sum` says it where they end as on Linux. */
export const hashPolicies = (texts: readonly PolicyText[]): string => {
  const hash = createHash('sha256');
  for (const { text } of texts) hash.update(text, 'utf8');
  return hash.digest('hex');
};

/** Links are followed: a folder that Kubernetes mounts consists of them. Its hidden entries are its own business. */
function listPaths(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith(EXTENSION) && !name.startsWith('.'));
    // By octets, as `LC_ALL=C ls` lists them, on every machine.
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readText(path: string): string {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`it has more than ${String(FILE_BYTES_MAX)} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).replaceAll('\r\n', '\n');
  } catch (error) {
    throw unreadable(path, error);
  }
}

const unreadable = (path: string, error: unknown): ConfigError =>
  new ConfigError(`PORTCULLIS_POLICIES: ${path} cannot be read: ${(error as Error).message}.`);

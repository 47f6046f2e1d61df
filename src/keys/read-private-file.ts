import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { unavailable, unusable } from './key-store-error';

export interface PrivateFile {
  readonly path: string;
  /** For people: "key file". */
  readonly what: string;
  readonly bytesMax: number;
  /** Bits of the mode that must not be set. */
  readonly closedTo: number;
  /** Kubernetes mounts its secrets as symbolic links; a file of ours is none. */
  readonly mayBeLink: boolean;
}

/** For the owner alone. */
export const OTHERS_AND_GROUP = 0o077;
/** A secret that a container runtime mounts is often its group's as well. */
export const OTHERS = 0o007;

const ROOT_UID = 0;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

const openFile = async ({ path, what, mayBeLink }: PrivateFile): Promise<FileHandle | undefined> => {
  // Without O_NONBLOCK a pipe in its place would hold up the start for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (mayBeLink ? 0 : constants.O_NOFOLLOW);
  try {
    return await open(path, flags);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw unusable(`The ${what} ${path} is a symbolic link.`);
    throw unavailable(`The ${what} ${path} cannot be opened: ${code}.`);
  }
};

/** Looks at what it opened, not at what has that name a moment later. Undefined where there is no such file. The octets are the caller's to wipe. */
export const readPrivateFile = async (file: PrivateFile): Promise<Buffer | undefined> => {
  const { path, what, bytesMax, closedTo } = file;
  const handle = await openFile(file);
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw unusable(`The ${what} ${path} is no file.`);
    if ((stat.mode & closedTo) !== 0)
      throw unusable(
        `The ${what} ${path} is open to others than its owner; make a new one, or set its mode to ${closedTo === OTHERS ? '0440' : '0600'}.`,
      );
    const us = process.getuid?.();
    if (us !== undefined && stat.uid !== us && stat.uid !== ROOT_UID)
      throw unusable(`The ${what} ${path} belongs to another user.`);
    if (stat.size > bytesMax) throw unusable(`The ${what} ${path} is larger than ${bytesMax} bytes.`);
    const octets = Buffer.alloc(stat.size);
    const { bytesRead } = await handle.read(octets, 0, octets.length, 0);
    if (bytesRead !== octets.length) throw unavailable(`The ${what} ${path} changed while it was read.`);
    return octets;
  } finally {
    await handle.close();
  }
};

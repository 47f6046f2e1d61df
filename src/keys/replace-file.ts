import { constants } from 'node:fs';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unavailable, unusable } from './key-store-error';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** The draft has one name, which makes it the lock as well: of two that write at once, the other is told. */
const openDraft = async (draft: string) => {
  try {
    return await open(draft, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unavailable(`${draft} cannot be written: ${codeOf(error) ?? 'unknown'}.`);
    throw unusable(`${draft} is there: somebody is at it, or was cut off. If nobody is, remove it and try again.`);
  }
};

/**
 * Written aside for its owner alone, on the disk before it has its name, and the name on the disk before this ends. `isAsLoaded` is asked while nobody else
 * can write. Where there was no file (`isNew`), one that came meanwhile stays.
 */
export const replaceFile = async (
  path: string,
  content: string,
  { isNew, isAsLoaded }: { readonly isNew: boolean; isAsLoaded: () => Promise<boolean> },
): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.next`;
  const handle = await openDraft(draft);
  // Once renamed, a draft of that name is somebody else's.
  let isOurs = true;
  try {
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    if (!(await isAsLoaded())) throw unusable(`${path} was changed by somebody else; try again.`);
    if (isNew) await link(draft, path);
    else {
      await rename(draft, path);
      isOurs = false;
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw unusable(`${path} was made by somebody else; try again.`);
    throw error;
  } finally {
    await handle.close().catch(() => undefined);
    if (isOurs) await unlink(draft).catch(() => undefined);
  }
  await syncFolder(path);
};

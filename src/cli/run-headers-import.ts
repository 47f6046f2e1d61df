import { importHeaders, type HeaderImported } from '../chain/import-headers';
import { HeaderFileError } from '../chain/read-header-file';
import { CommandError, exitCodes } from './exit-codes';
import { print } from './print';
import { showProgress, type Progress } from './progress';
import { withDatabase } from './with-database';

/** Reads raw 80-byte headers, oldest first, for a start without any header source. */
export async function runHeadersImport(file: string, options: { json: boolean; checkpoint?: string }): Promise<void> {
  const imported = await importWithProgress(file, options.checkpoint).catch((error: unknown) => {
    if (error instanceof HeaderFileError) throw new CommandError(exitCodes.refused, error.message);
    if ((error as NodeJS.ErrnoException).syscall !== 'open') throw error;
    throw new CommandError(exitCodes.usage, `${file} cannot be read: ${(error as Error).message}`);
  });
  const { headers, known, height, hash } = imported;
  const line = `${String(headers)} headers read, ${String(known)} known before; the last is ${hash} at height ${String(height)}`;
  print({ json: options.json, value: imported, lines: [line] });
}

function importWithProgress(file: string, checkpoint: string | undefined): Promise<HeaderImported> {
  let progress: Progress | undefined;
  const onProgress = (done: number, total: number): void => {
    progress ??= showProgress('importing headers', total);
    progress.advance(done);
  };
  return withDatabase((database, config) =>
    importHeaders(database, { file, network: config.network, checkpoint: checkpoint ?? config.checkpoint, onProgress }),
  ).finally(() => progress?.finish());
}

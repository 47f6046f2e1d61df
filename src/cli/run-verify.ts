import { readFile } from 'node:fs/promises';
import { findHeadersAt, findHeaderTip } from '#ledger';
import type { DataSource } from 'typeorm';
import { checkHeaderFile, type CheckedChain } from '../chain/check-header-file';
import { HeaderFileError } from '../chain/read-header-file';
import { readSettings } from '../config';
import { describeVerdict } from './describe-verdict';
import { CommandError, exitCodes } from './exit-codes';
import { judgeFile, type FindChain, type KnownChain } from './judge-file';
import { print } from './print';
import { showProgress, type Progress } from './progress';
import { withDatabase } from './with-database';

export interface VerifyCommandOptions {
  readonly json: boolean;
  readonly headers?: string;
  readonly checkpoint?: string;
}

/** Verifies a file as the gateway would and explains the verdict: against the header store, or offline against a file of headers. */
export async function runVerify(file: string, options: VerifyCommandOptions): Promise<void> {
  const { headers, checkpoint, json } = options;
  if (checkpoint !== undefined && headers === undefined) {
    throw new CommandError(exitCodes.usage, '--checkpoint names the first header of a file: it needs --headers.');
  }
  const bytes = decode(await readFile(file).catch((error: unknown) => failToRead(file, error)));
  const findChain: FindChain =
    headers === undefined
      ? (heights) => withDatabase((database) => findStored(database, heights))
      : (heights) => readChain(headers, checkpoint, heights);
  const verdict = await judgeFile(bytes, findChain);
  print({ json, value: verdict, lines: describeVerdict(verdict) });
  if (!verdict.accepted) throw new CommandError(exitCodes.refused, `Refused: ${verdict.code}, ${verdict.detail}.`);
}

async function findStored(database: DataSource, heights: ReadonlySet<number>): Promise<KnownChain> {
  const tip = await findHeaderTip(database);
  if (tip === undefined) {
    throw new CommandError(
      exitCodes.unavailable,
      'The header store is empty; start the gateway, import headers, or name a file with --headers.',
    );
  }
  const stored = await findHeadersAt(database, [...heights]);
  const blocks = new Map(stored.map(({ height, hash, header }) => [height, { hash, merkleRoot: header.merkleRoot }]));
  return { network: readSettings(process.env).network, tip, blocks, place: 'the header store' };
}

/** Reads the settings alone: no database is opened, no key is made, nobody is asked. */
async function readChain(
  file: string,
  checkpoint: string | undefined,
  heights: ReadonlySet<number>,
): Promise<KnownChain> {
  const settings = readSettings(process.env);
  let progress: Progress | undefined;
  let trust = '';
  const onProgress = (done: number, total: number): void => {
    progress ??= showProgress('checking headers', total);
    progress.advance(done);
  };
  const order = { file, network: settings.network, checkpoint: checkpoint ?? settings.checkpoint, heights, onProgress };
  try {
    const checked = await checkHeaderFile({ ...order, nowSeconds: Math.floor(Date.now() / 1_000) });
    trust = describeTrust(checked);
    return { network: settings.network, tip: checked.tip, blocks: checked.blocks, place: file };
  } catch (error) {
    if (error instanceof HeaderFileError) throw new CommandError(exitCodes.refused, `${file}: ${error.message}.`);
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return failToRead(file, error);
  } finally {
    progress?.finish();
    process.stderr.write(trust);
  }
}

/** Work can be faked by whoever pays for it, and next to the genesis block that is seconds of a machine: only the tip tells whose chain it is. */
function describeTrust({ headers, tip: { height, hash }, work }: CheckedChain): string {
  const bits = String(work.toString(2).length - 1);
  return `The chain is what the file says: ${String(headers)} headers, some 2^${bits} hashes of work, up to ${String(height)} ${hash}. Compare this tip with one that you trust.\n`;
}

function failToRead(file: string, error: unknown): never {
  throw new CommandError(exitCodes.usage, `${file} cannot be read: ${(error as Error).message}.`);
}

/** Files come as octets, or as text with hex or base64. Text of a BEEF never starts like octets do: those hold zero bytes. */
function decode(content: Buffer): Uint8Array {
  const text = content.toString('latin1').trim();
  if (/^(?:[0-9a-fA-F]{2})+$/u.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/]+={0,2}$/u.test(text)) return Buffer.from(text, 'base64');
  return content;
}

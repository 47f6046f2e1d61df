import { HEADER_BYTES, networkParams, readHeader } from '#atomic-core';
import { insertHeaders } from '#ledger';
import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import type { Config } from '../config';
import { CommandError, exitCodes } from './exit-codes';
import { print } from './print';
import { showProgress } from './progress';
import { withDatabase } from './with-database';

/** Small enough that a gateway beside us gets its turn at the header store, large enough that the commits do not count. */
const BATCH_HEADERS = 2_000;

interface Root {
  readonly height: number;
  readonly hash: string;
}

/** Reads raw 80-byte headers, oldest first, for a start without any header source. Every header is checked like a fetched one. */
export async function runHeadersImport(file: string, options: { json: boolean }): Promise<void> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new CommandError(exitCodes.usage, `${file} cannot be read: ${error.message}.`);
  });
  if (bytes.length === 0 || bytes.length % HEADER_BYTES !== 0) {
    throw new CommandError(exitCodes.usage, `${file} is not a list of ${String(HEADER_BYTES)}-byte headers.`);
  }
  const headers = Array.from({ length: bytes.length / HEADER_BYTES }, (_, index) =>
    bytes.subarray(index * HEADER_BYTES, (index + 1) * HEADER_BYTES),
  );
  const tip = await withDatabase((database, config) => importAll(database, config, headers));
  print({
    json: options.json,
    value: { imported: headers.length, tip },
    lines: [
      `${String(headers.length)} headers are in the store; the tip is ${tip?.hash ?? 'unknown'} at ${String(tip?.height)}`,
    ],
  });
}

async function importAll(
  database: DataSource,
  config: Config,
  headers: readonly Uint8Array[],
): Promise<Root | undefined> {
  const root = rootOf(config);
  const progress = showProgress('importing headers', headers.length);
  let tip: Root | undefined;
  for (let start = 0; start < headers.length; start += BATCH_HEADERS) {
    const batch = {
      params: networkParams[config.network],
      headers: headers.slice(start, start + BATCH_HEADERS),
      nowSeconds: Math.floor(Date.now() / 1_000),
      root,
    };
    const {
      accepted,
      fault,
      tip: reached,
    } = await database.transaction((transaction) => insertHeaders(transaction, batch));
    progress.advance(start + accepted);
    if (fault !== undefined) {
      progress.finish();
      const where = `Header ${String(start + fault.index + 1)} of the file`;
      throw new CommandError(
        exitCodes.refused,
        `${where} is not of this chain (${fault.fault}); those before it are kept.`,
      );
    }
    tip = reached === undefined ? undefined : { height: reached.height, hash: reached.hash };
  }
  progress.finish();
  return tip;
}

/** The one header that needs no parent: the configured checkpoint, else the genesis block. */
function rootOf(config: Config): Root {
  if (config.checkpoint !== undefined) {
    const [height, hash] = config.checkpoint.split(':');
    return { height: Number(height), hash: hash ?? '' };
  }
  const genesis = readHeader(Buffer.from(networkParams[config.network].genesis, 'hex'));
  if (genesis === undefined) throw new Error(`the genesis block of ${config.network} cannot be read`);
  return { height: 0, hash: genesis.hash };
}

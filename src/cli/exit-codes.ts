import { ConfigError } from '../config/config-error';
import { DatabaseError } from '../database/database-error';
import { FolderBusyError } from '../database/embedded/claim-folder';
import { KeyStoreError } from '../keys/key-store-error';
import { QueueUnavailableError } from '../relay/queue-unavailable-error';

/** How the binary ends. Documented in the README; scripts rely on it. */
export const exitCodes = {
  done: 0,
  fault: 1,
  /** The command line or the configuration cannot be used. */
  usage: 2,
  /** The question was answered, and the answer is no: a refused transaction, a broken invariant. */
  refused: 3,
  /** Another Portcullis works in the data folder. */
  busy: 4,
  /** The question cannot be answered now: the database, the queue, the key store or the headers are missing. */
  unavailable: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a code and one sentence. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly exitCode: ExitCode,
    sentence: string,
  ) {
    super(sentence);
  }
}

const DATABASE_UNREACHABLE = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', '57P03']);

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError) return exitCodes.usage;
  if (error instanceof KeyStoreError) return error.kind === 'unusable' ? exitCodes.usage : exitCodes.unavailable;
  if (error instanceof FolderBusyError) return exitCodes.busy;
  if (error instanceof DatabaseError || error instanceof QueueUnavailableError) return exitCodes.unavailable;
  const { code, syscall } = error as { code?: string; syscall?: string };
  // A port that is taken, an address that is not ours.
  if (syscall === 'listen') return exitCodes.usage;
  return code !== undefined && DATABASE_UNREACHABLE.has(code) ? exitCodes.unavailable : exitCodes.fault;
}

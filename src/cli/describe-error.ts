import { types } from 'node:util';
import { CommandError, exitCodes, type ExitCode } from './exit-codes';

interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
}

/** What Node.js says about an address that cannot be listened on, as an operator would. */
const LISTEN_FAULTS = new Map([
  ['EADDRINUSE', 'is in use by another program'],
  ['EADDRNOTAVAIL', 'is no address of this machine'],
  ['EACCES', 'may not be opened by this user'],
]);

/** What the operator can act on is one sentence; a fault of ours keeps its trace. */
export function describeError(error: unknown, exitCode: ExitCode): string {
  if (!types.isNativeError(error)) return String(error);
  if (error instanceof CommandError) return error.message;
  const { code = '', syscall, address = '*', port = '' } = error as SystemError;
  if (syscall === 'listen') {
    return `${address}:${String(port)} ${LISTEN_FAULTS.get(code) ?? `cannot be listened on (${code})`}; choose another address or port.`;
  }
  if (exitCode === exitCodes.fault) return error.stack ?? error.message;
  // Only the database is reached without an error class of its own.
  if (exitCode === exitCodes.unavailable && code !== '') return `The database cannot be reached: ${error.message}.`;
  return error.message;
}

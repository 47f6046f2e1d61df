import { isNativeError } from 'node:util/types';

/** PostgreSQL's own words for "not now": connection exceptions, shutdown, too many connections, statement and lock timeouts. */
const SQL_STATES = /^(?:08[0-9A-Z]{3}|53[0-9A-Z]{3}|57P0[1-5]|57014|55P03|25P0[34]|25006)$/u;
const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** What `pg` and its pool say without a code. */
const DRIVER_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'Query read timeout',
];
const CAUSES_MAX = 4;

/** Whether the database, rather than this gateway, failed. Only socket errors of a connection attempt or of `pg` itself count. */
export function isDatabaseOutage(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && isNativeError(current); depth += 1) {
    if ('errors' in current && Array.isArray(current.errors)) return current.errors.some(isOutageItself);
    if (isOutageItself(current)) return true;
    current = 'driverError' in current ? current.driverError : current.cause;
  }
  return false;
}

function isOutageItself(error: unknown): boolean {
  // Not `instanceof`: the errors of sockets come from another realm when we are loaded into one of our own, as test runners do.
  if (!isNativeError(error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (DRIVER_MESSAGES.some((message) => error.message.startsWith(message))) return true;
  if (code === undefined) return false;
  return SQL_STATES.test(code) || (SOCKET_CODES.has(code) && SOCKET_CALLS.has(syscall ?? ''));
}

/** A missing file is ENOENT of `open`; a missing database socket is ENOENT of `connect`. */
const SOCKET_CALLS = new Set(['connect', 'read', 'write', 'getaddrinfo']);

import { accept, printOutpoint, reject, rejections, txidFromWire, txidToWire } from '#atomic-core';
import type { RejectionCode, Result, Txid } from '#atomic-core';
import type { EntitySchema, ObjectLiteral, Repository } from 'typeorm';
import { runPrepared } from './prepared';
import type { Connections, PreparedStatement } from './prepared';

/** What the ledger needs of a connection. A TypeORM DataSource (autocommit) and an EntityManager (inside a transaction) both satisfy it. */
export interface Database extends Connections {
  /** For reads. What a repository can write is left out: rows change in the functions of the ledger alone. */
  getRepository<Entity extends ObjectLiteral>(
    entity: EntitySchema<Entity>,
  ): Pick<Repository<Entity>, 'find' | 'findOneBy'>;
}

type Statement = string | PreparedStatement;

/** Raised by `portcullis.refuse`: MESSAGE is a code of the rejection table, DETAIL names the subject. */
const REFUSED = 'PC001';
const TRANSIENT = new Set(['40P01', '40001']);
/** Locks are taken in one order everywhere, so a deadlock is a bug that this keeps from the caller; it is not a way of working. */
const ATTEMPTS_MAX = 5;

interface DatabaseError {
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
}

/** A NUL or half a surrogate pair: JavaScript strings may hold them, PostgreSQL text and JSON may not. */
const isUnstorableText = ({ code, message }: DatabaseError): boolean =>
  code === '22P05' || code === '22021' || (code === '22P02' && message.includes('type json'));
/** Lock wait or statement time ran out, or the server is ending: nothing was changed, the same bytes may be sent again. */
const OUT_OF_TIME = new Set(['55P03', '57014', '57P01', '57P02', '57P03', '53300']);

const readError = (error: unknown): DatabaseError | undefined => {
  if (!(error instanceof Error)) return undefined;
  const driver: unknown = 'driverError' in error ? error.driverError : error;
  return driver instanceof Error ? driver : undefined;
};

/** The SQLSTATE of a database error, if it is one. */
export const findSqlState = (error: unknown): string | undefined => readError(error)?.code;

const WIRE = /wire:([0-9a-f]+)/g;

/** SQL speaks wire order and bytes.ts alone flips, so a detail carries `wire:<hex>` and is translated here. */
export const printDetail = (detail: string): string =>
  detail.replace(WIRE, (_, hex: string) => {
    const bytes = Buffer.from(hex, 'hex');
    return bytes.length === 36 ? printOutpoint(bytes) : txidFromWire(bytes);
  });

const isRejectionCode = (code: string): code is RejectionCode => Object.hasOwn(rejections, code);

/** Runs one statement; only a statement outside an explicit transaction can be run again. */
export const runStatement = async <T>(db: Database, sql: Statement, parameters: unknown[]): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (typeof sql === 'string') return await db.query<T>(sql, parameters);
      return (await runPrepared(db, sql, parameters)) as T;
    } catch (error) {
      const code = findSqlState(error);
      if (code === undefined || !TRANSIENT.has(code) || attempt === ATTEMPTS_MAX) throw error;
    }
  }
};

/** A refusal of `portcullis.refuse`, in the words of the core. A code that is not in the table is a fault of ours. */
export const readRefusal = (code: string, detail: string | null | undefined): Result<never> => {
  if (!isRejectionCode(code)) throw new Error(`The ledger refused with ${code}, which is no rejection.`);
  return reject(code, printDetail(detail ?? rejections[code].sentence));
};

/** Runs one statement whose refusals are expected: a refusal is returned, a fault is thrown. */
export const runRefusable = async <T>(db: Database, sql: Statement, parameters: unknown[]): Promise<Result<T>> => {
  try {
    return accept(await runStatement<T>(db, sql, parameters));
  } catch (error) {
    const known = readError(error);
    if (known?.code === REFUSED && isRejectionCode(known.message)) return readRefusal(known.message, known.detail);
    if (known && isUnstorableText(known)) {
      return reject('request-malformed', 'A text holds a character that cannot be stored.');
    }
    if (known?.code !== undefined && OUT_OF_TIME.has(known.code)) return reject('database-unavailable');
    throw error;
  }
};

/** The single row of a statement that always answers one. */
export const onlyRow = <T>(rows: readonly T[]): T => {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`Expected one row, got ${rows.length}`);
  return row;
};

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
export const wireHex = (txid: Txid): string => txidToWire(txid).toString('hex');

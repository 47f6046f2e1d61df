import { createHash } from 'node:crypto';
import type { QueryRunner } from 'typeorm';

/** Where statements are asked. */
export interface Connections {
  query<T>(sql: string, parameters?: unknown[]): Promise<T>;
  /** Of a transaction: its one connection. */
  readonly queryRunner?: QueryRunner | undefined;
  /** Of a pool: any of its connections. */
  createQueryRunner?(): QueryRunner;
}

/**
 * A statement that is asked with most requests. Each connection parses it once, under a name, and the server may keep its plan, made while the ledger was
 * whatever it was then: so it MUST be a call of a function that bounds its own lookups. See ops/decisions/0039-hot-statements-are-prepared.md.
 */
export interface PreparedStatement {
  readonly text: string;
  /** Of the text, so that one name never stands for two statements, also where a pooler shares connections between releases. */
  readonly name: string;
}

export const prepareStatement = (text: string): PreparedStatement => ({
  text,
  name: `portcullis_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`,
});

/** What the driver's connection can and TypeORM does not pass on: a name. */
interface Connection {
  query(question: { name: string; text: string; values: readonly unknown[] }): Promise<{ rows: unknown }>;
}

const ask = async (
  runner: QueryRunner,
  { name, text }: PreparedStatement,
  values: readonly unknown[],
): Promise<unknown> => {
  const connection = (await runner.connect()) as Connection;
  const { rows } = await connection.query({ name, text, values });
  return rows;
};

/** The rows of a prepared statement: in the transaction that `db` is, or on any connection of its pool. Errors are the driver's own. */
export const runPrepared = async (
  db: Connections,
  statement: PreparedStatement,
  values: readonly unknown[],
): Promise<unknown> => {
  const { queryRunner } = db;
  // One that was given back would reach into whatever its connection does now; TypeORM refuses it.
  if (queryRunner !== undefined && !queryRunner.isReleased) return ask(queryRunner, statement, values);
  const runner = queryRunner === undefined ? db.createQueryRunner?.() : undefined;
  if (runner === undefined) return db.query(statement.text, [...values]);
  try {
    return await ask(runner, statement, values);
  } finally {
    await runner.release();
  }
};

import { txidFromWire, txidToWire } from '#atomic-core';
import type { Txid } from '#atomic-core';
import { writeOutbox } from './commit-input';
import type { OutboxMessage } from './commit-input';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import type { OutboxState } from './entities/outbox-row';

export interface OutboxRow {
  readonly id: string;
  readonly organisation: string;
  readonly kind: string;
  readonly txid: Txid | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly state: OutboxState;
  /** Leases taken so far, this one included. */
  readonly attempts: number;
  /** Rises with every lease. Whoever settles a row MUST name the number that it was given. */
  readonly leaseNumber: number;
  readonly lastError: string | undefined;
}

interface StoredRow extends Omit<OutboxRow, 'txid' | 'lastError'> {
  readonly txid: Buffer | null;
  readonly lastError: string | null;
}

/** What a row needs before anybody may lease it: its time has come, or its last holder's time has run out. */
const DUE = `((state = 'waiting' and available_at <= now()) or (state = 'leased' and lease_until <= now()))`;
const COLUMNS = `id, organisation, kind, txid, payload, state, attempts, lease_number as "leaseNumber", last_error as "lastError"`;

const readRow = (row: StoredRow): OutboxRow => ({
  ...row,
  txid: row.txid ? txidFromWire(row.txid) : undefined,
  lastError: row.lastError ?? undefined,
});

/** The first `$1` of either kind by an index of its own each: asked together they would all be sorted, however many are due. */
const FIRST_DUE = `
  (select id, kind, available_at from portcullis.outbox where state = 'waiting' and available_at <= now() order by available_at, id limit $1)
  union all
  (select id, kind, available_at from portcullis.outbox where state = 'leased' and lease_until <= now() order by lease_until limit $1)
  order by available_at, id limit $1`;

/** Ids of due rows, oldest first, for the tick that wakes workers. Takes nothing. */
export const listDueOutboxRows = async (db: Database, limit: number): Promise<{ id: string; kind: string }[]> =>
  runStatement(db, `select id, kind from (${FIRST_DUE}) due`, [limit]);

const claim = (where: string): string => `
  with due as (select id from portcullis.outbox where ${where} for update skip locked), claimed as (
    update portcullis.outbox set state = 'leased', attempts = attempts + 1, lease_number = lease_number + 1,
      lease_until = now() + $2 * interval '1 millisecond'
    where id = any(array(select due.id from due)) returning outbox.*
  ) select ${COLUMNS} from claimed order by id`;

/** Undefined when the row is not due, is held by another, or is gone. */
export const claimOutboxRow = async (db: Database, id: string, leaseMs: number): Promise<OutboxRow | undefined> => {
  const [row] = await runStatement<StoredRow[]>(db, claim(`id = $1 and ${DUE}`), [id, leaseMs]);
  return row && readRow(row);
};

/** The next due rows, oldest first, each held by this caller alone. */
export const claimOutboxBatch = async (db: Database, limit: number, leaseMs: number): Promise<OutboxRow[]> => {
  const where = `id = any(array(select first.id from (${FIRST_DUE}) first)) and ${DUE}`;
  return (await runStatement<StoredRow[]>(db, claim(where), [limit, leaseMs])).map(readRow);
};

const settle = async (db: Database, assignments: string, parameters: unknown[]): Promise<boolean> => {
  const rows = await runStatement<unknown[]>(
    db,
    `with settled as (
       update portcullis.outbox set ${assignments}, lease_until = null
       where id = $1 and lease_number = $2 and state = 'leased' returning 1
     ) select 1 from settled`,
    parameters,
  );
  return rows.length === 1;
};

export interface Lease {
  readonly id: string;
  readonly leaseNumber: number;
}

/** Done, and in the same statement the rows that follow from it. False (nothing changed) when the lease is no longer this one. */
export const completeOutboxRow = async (
  db: Database,
  { id, leaseNumber }: Lease,
  followUps: readonly OutboxMessage[] = [],
): Promise<boolean> =>
  onlyRow(
    await runStatement<{ settled: boolean }[]>(db, 'select portcullis.complete_outbox($1, $2, $3::jsonb) as settled', [
      id,
      leaseNumber,
      JSON.stringify(writeOutbox(followUps)),
    ]),
  ).settled;

/** Back to waiting; due again after `delayMs`. */
export const deferOutboxRow = (db: Database, lease: Lease, delayMs: number, reason: string): Promise<boolean> =>
  settle(db, `state = 'waiting', available_at = now() + $3 * interval '1 millisecond', last_error = $4`, [
    lease.id,
    lease.leaseNumber,
    delayMs,
    reason,
  ]);

/** Set aside for a person, with the reason. */
export const parkOutboxRow = (db: Database, lease: Lease, reason: string): Promise<boolean> =>
  settle(db, `state = 'parked', last_error = $3`, [lease.id, lease.leaseNumber, reason]);

/** Makes the waiting rows of a transaction due now (a callback is a hint). Creates nothing; returns how many it found. */
export const hastenOutbox = async (db: Database, txid: Txid): Promise<number> => {
  const rows = await runStatement<unknown[]>(
    db,
    `with hastened as (
       update portcullis.outbox set available_at = now() where txid = $1 and state = 'waiting' returning 1
     ) select 1 from hastened`,
    [txidToWire(txid)],
  );
  return rows.length;
};

/**
 * Whatever waits for a block is asked about soon when there is one, spread over `withinMs`: by itself it would be up to a minute later. Returns the number of rows.
 */
export const hastenProofs = async (db: Database, withinMs: number): Promise<number> => {
  const rows = await runStatement<unknown[]>(
    db,
    `with hastened as (
       update portcullis.outbox set available_at = now() + random() * $1 * interval '1 millisecond'
       where kind = 'proof' and state = 'waiting' and available_at > now() + $1 * interval '1 millisecond' returning 1
     ) select from hastened`,
    [withinMs],
  );
  return rows.length;
};

/** Rows by state, and the age of the oldest that is due: what the health page and the metrics show. */
export const measureOutbox = async (
  db: Database,
): Promise<{ waiting: number; leased: number; parked: number; oldestDueSeconds: number }> =>
  onlyRow(
    await runStatement<{ waiting: number; leased: number; parked: number; oldestDueSeconds: number }[]>(
      db,
      // Each by the index of its state; what is done is most of the table.
      `select (select count(*) from portcullis.outbox where state = 'waiting')::int as waiting,
              (select count(*) from portcullis.outbox where state = 'leased')::int as leased,
              (select count(*) from portcullis.outbox where state = 'parked')::int as parked,
              coalesce(extract(epoch from now() - least(
                (select min(available_at) from portcullis.outbox where state = 'waiting' and available_at <= now()),
                (select min(available_at) from portcullis.outbox where state = 'leased' and lease_until <= now()))), 0)::float8 as "oldestDueSeconds"`,
      [],
    ),
  );

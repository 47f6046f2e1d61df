import { runStatement } from './database';
import type { Database } from './database';

export type FeedKind = 'lookup' | 'webhook';
export type FeedState = 'running' | 'rebuilding' | 'paused';

/** Who is told of events, and how far that has come. */
export interface EventFeed {
  readonly name: string;
  readonly kind: FeedKind;
  readonly organisation: string;
  /** Undefined: all topics. */
  readonly topic: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The last event that was told whole; -1 before the first. */
  readonly position: number;
  /** Notices of the event after `position` that were told. */
  readonly step: number;
  /** A notice was begun and its end never recorded: it may have been heard. */
  readonly underWay: boolean;
  readonly leaseUntil: Date | undefined;
  readonly failures: number;
  readonly retryAt: Date | undefined;
  readonly lastError: string | undefined;
  readonly state: FeedState;
  readonly createdAt: Date;
}

/** Held by one process alone. Its number rises with every claim; whoever says how far it came names it, and is not heard when it is no longer the last. */
export interface FeedLease extends EventFeed {
  readonly leaseNumber: number;
  readonly leaseMs: number;
}

export interface FeedOpening {
  readonly name: string;
  readonly kind: FeedKind;
  /** Of the gateway itself, unless told otherwise. */
  readonly organisation?: string;
  readonly topic?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** -1, unless told otherwise: every event from the first. */
  readonly position?: number;
}

interface StoredFeed extends Omit<EventFeed, 'topic' | 'position' | 'leaseUntil' | 'retryAt' | 'lastError'> {
  readonly topic: string | null;
  readonly position: string;
  readonly leaseUntil: Date | null;
  readonly retryAt: Date | null;
  readonly lastError: string | null;
}

const COLUMNS = `f.name, f.kind, f.organisation, f.topic, f.settings, f.position, f.step, f.under_way as "underWay", f.lease_until as "leaseUntil",
  f.failures, f.retry_at as "retryAt", f.last_error as "lastError", f.state, f.created_at as "createdAt"`;

const readFeed = <Stored extends StoredFeed>(stored: Stored) => ({
  ...stored,
  topic: stored.topic ?? undefined,
  position: Number(stored.position),
  leaseUntil: stored.leaseUntil ?? undefined,
  retryAt: stored.retryAt ?? undefined,
  lastError: stored.lastError ?? undefined,
});

/** False when one of this name is there already; it stays as it is. */
export const openFeed = async (db: Database, opening: FeedOpening): Promise<boolean> => {
  const { name, kind, organisation = 'gateway', topic, settings = {}, position = -1 } = opening;
  const rows = await runStatement<unknown[]>(
    db,
    `with opened as (
       insert into portcullis.event_feed (name, kind, organisation, topic, settings, position) values ($1, $2, $3, $4, $5::jsonb, $6)
       on conflict do nothing returning 1
     ) select 1 from opened`,
    [name, kind, organisation, topic ?? null, JSON.stringify(settings), position],
  );
  return rows.length === 1;
};

export const listFeeds = async (db: Database, kind: FeedKind): Promise<EventFeed[]> => {
  const sql = `select ${COLUMNS} from portcullis.event_feed f where f.kind = $1 order by f.name`;
  return (await runStatement<StoredFeed[]>(db, sql, [kind])).map(readFeed);
};

export const findFeed = async (db: Database, name: string): Promise<EventFeed | undefined> => {
  const sql = `select ${COLUMNS} from portcullis.event_feed f where f.name = $1`;
  const [row] = await runStatement<StoredFeed[]>(db, sql, [name]);
  return row && readFeed(row);
};

const change = async (db: Database, statement: string, parameters: unknown[]): Promise<boolean> => {
  const rows = await runStatement<unknown[]>(
    db,
    `with changed as (${statement} returning 1) select 1 from changed`,
    parameters,
  );
  return rows.length === 1;
};

export const closeFeed = (db: Database, name: string): Promise<boolean> =>
  change(db, 'delete from portcullis.event_feed where name = $1', [name]);

/** Back to before the first event. Whoever holds the feed has lost it. */
export const resetFeed = (db: Database, name: string, { state }: { state: FeedState }): Promise<boolean> =>
  change(
    db,
    `update portcullis.event_feed set state = $2, position = -1, step = 0, under_way = false, lease_number = lease_number + 1, lease_until = null,
       failures = 0, retry_at = null, last_error = null where name = $1`,
    [name, state],
  );

/** Where it stands it stays, and whoever holds it keeps it; a paused one is claimed by nobody. */
export const markFeed = (db: Database, name: string, state: FeedState): Promise<boolean> =>
  change(db, 'update portcullis.event_feed set state = $2 where name = $1', [name, state]);

/** Undefined while another holds it, before its next try, when it is paused, and when it is not there. */
export const claimFeed = async (db: Database, name: string, leaseMs: number): Promise<FeedLease | undefined> => {
  const [row] = await runStatement<(StoredFeed & { leaseNumber: number })[]>(
    db,
    `with claimed as (
       update portcullis.event_feed set lease_number = lease_number + 1, lease_until = now() + $2 * interval '1 millisecond'
       where name = $1 and state <> 'paused' and (lease_until is null or lease_until <= now()) and (retry_at is null or retry_at <= now())
       returning event_feed.*
     ) select ${COLUMNS}, f.lease_number as "leaseNumber" from claimed f`,
    [name, leaseMs],
  );
  return row && { ...readFeed(row), leaseMs };
};

type Holder = Pick<FeedLease, 'name' | 'leaseNumber' | 'leaseMs'>;
const HELD = 'name = $1 and lease_number = $2 and lease_until is not null';
const PROLONGED = `lease_until = now() + $3 * interval '1 millisecond'`;

/** Before a notice goes out, so that whoever comes after a crash knows that it may have. False: the lease is lost, say nothing. */
export const beginDelivery = (db: Database, lease: Holder, step: number): Promise<boolean> =>
  change(db, `update portcullis.event_feed set under_way = true, step = $4, ${PROLONGED} where ${HELD}`, [
    lease.name,
    lease.leaseNumber,
    lease.leaseMs,
    step,
  ]);

/** How far it came. A feed never goes back but by a reset. False: the lease is lost, and another says how far. */
export const advanceFeed = (
  db: Database,
  lease: Holder,
  { position, step }: { position: number; step: number },
): Promise<boolean> =>
  change(
    db,
    `update portcullis.event_feed set position = $4, step = $5, under_way = false, failures = 0, last_error = null, ${PROLONGED}
     where ${HELD} and (position, step) <= ($4, $5)`,
    [lease.name, lease.leaseNumber, lease.leaseMs, position, step],
  );

/** Given up until `delayMs` from now. What was under way stays so. */
export const deferFeed = (db: Database, lease: Holder, delayMs: number, reason: string): Promise<boolean> =>
  change(
    db,
    `update portcullis.event_feed set failures = failures + 1, retry_at = now() + $3 * interval '1 millisecond', last_error = $4, lease_until = null
     where ${HELD}`,
    [lease.name, lease.leaseNumber, delayMs, reason],
  );

export const releaseFeed = (db: Database, lease: Holder): Promise<boolean> =>
  change(db, `update portcullis.event_feed set lease_until = null where ${HELD}`, [lease.name, lease.leaseNumber]);

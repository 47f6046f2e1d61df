import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import type { EventFeed, FeedLease } from './event-feeds';

/**
 * From the first event again, after everything that was ever admitted was withdrawn. Whoever holds the feed has lost it; all who feed are woken. What the
 * service says counts for nothing before it has been told up to the tip of now. False when there is no such feed.
 */
export const beginRebuild = async (db: Database, name: string): Promise<boolean> => {
  const rows = await runStatement<unknown[]>(
    db,
    `with reset as (
       update portcullis.event_feed set state = 'rebuilding', position = -1, step = 0, under_way = false, lease_number = lease_number + 1, lease_until = null,
         failures = 0, retry_at = null, last_error = null, settings = settings || jsonb_build_object('rebuiltTo',
           coalesce((select e.position from portcullis.topic_event e order by e.position desc limit 1), -1))
       where name = $1 returning 1
     ) select pg_notify('portcullis_events', '') from reset`,
    [name],
  );
  return rows.length === 1;
};

/** All is withdrawn: now it is told from the first event. False: the lease is lost. */
export const turnRebuild = async (db: Database, { name, leaseNumber, leaseMs }: FeedLease): Promise<boolean> =>
  onlyRow(
    await runStatement<{ turned: boolean }[]>(
      db,
      `with turned as (
         update portcullis.event_feed set state = 'running', position = -1, step = 0, under_way = false, lease_until = now() + $3 * interval '1 millisecond'
         where name = $1 and lease_number = $2 and lease_until is not null and state = 'rebuilding' returning 1
       ) select exists (select from turned) as turned`,
      [name, leaseNumber, leaseMs],
    ),
  ).turned;

/** Withdrawing or telling what was there when the rebuild began. */
export const isBeingRebuilt = ({ state, position, settings }: EventFeed): boolean => {
  const until = settings['rebuiltTo'];
  return state === 'rebuilding' || (typeof until === 'number' && position < until);
};

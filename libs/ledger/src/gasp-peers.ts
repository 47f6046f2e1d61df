import { runStatement } from './database';
import type { Database } from './database';

/** One host that one topic is fetched from. */
export interface GaspPeer {
  readonly topic: string;
  readonly url: string;
}

export interface GaspLease extends GaspPeer {
  /** The score after which the next round begins; 0 where the whole list is due again. */
  readonly since: number;
  readonly isWhole: boolean;
  readonly failures: number;
  readonly leaseNumber: number;
}

/** How a round ended. `since` is the score up to which nothing is left to ask for. */
export type GaspPeerOutcome =
  | {
      readonly kind: 'synced';
      readonly since: number;
      readonly isWhole: boolean;
      readonly pauseMs: number;
      /** Of the first output that was not taken, where one was not. */
      readonly reason: string | undefined;
    }
  | { readonly kind: 'failed'; readonly since: number; readonly reason: string; readonly pauseMs: number };

const REASON_CHARACTERS_MAX = 500;

/** Makes sure that each has a row; what it remembers stays. */
export const openGaspPeers = async (db: Database, peers: readonly GaspPeer[]): Promise<void> => {
  await runStatement(
    db,
    `insert into portcullis.gasp_peer (topic, url)
     select topic, url from jsonb_to_recordset($1::jsonb) as p (topic text, url text) order by 1, 2 on conflict do nothing`,
    [JSON.stringify(peers)],
  );
};

interface LeaseRow {
  readonly since: string;
  readonly whole: boolean;
  readonly failures: number;
  readonly number: number;
}

/** Undefined where it is not due, or another process follows it now. The whole list is read again once it is `wholeMs` old. */
export const claimGaspPeer = async (
  db: Database,
  { topic, url }: GaspPeer,
  { leaseMs, wholeMs }: { readonly leaseMs: number; readonly wholeMs: number },
): Promise<GaspLease | undefined> => {
  const [row] = await runStatement<LeaseRow[]>(
    db,
    `with claimed as (
       update portcullis.gasp_peer p set lease_number = p.lease_number + 1, lease_until = now() + $3 * interval '1 millisecond'
       where p.topic = $1 and p.url = $2 and p.retry_at <= now() and (p.lease_until is null or p.lease_until <= now())
       returning p.since, p.failures, p.lease_number as number,
         coalesce(p.listed_whole_at + $4 * interval '1 millisecond' <= now(), true) as whole
     ) select * from claimed`,
    [topic, url, leaseMs, wholeMs],
  );
  if (row === undefined) return undefined;
  const { since, whole: isWhole, failures, number: leaseNumber } = row;
  return { topic, url, since: isWhole ? 0 : Number(since), isWhole, failures, leaseNumber };
};

/** Ends a round and gives the lease back; false where it was lost to another meanwhile, which then knows better. */
export const settleGaspPeer = async (db: Database, lease: GaspLease, outcome: GaspPeerOutcome): Promise<boolean> => {
  const { topic, url, leaseNumber } = lease;
  const isSynced = outcome.kind === 'synced';
  const rows = await runStatement<unknown[]>(
    db,
    `with settled as (
       update portcullis.gasp_peer p set since = $4, retry_at = now() + $5 * interval '1 millisecond', lease_until = null,
         synced_at = case when $6 then now() else p.synced_at end, listed_whole_at = case when $7 then now() else p.listed_whole_at end,
         failures = case when $6 then 0 else p.failures + 1 end, last_error = $8
       where p.topic = $1 and p.url = $2 and p.lease_number = $3 and p.lease_until is not null returning 1
     ) select 1 from settled`,
    [
      ...[topic, url, leaseNumber, outcome.since, outcome.pauseMs, isSynced, isSynced && outcome.isWhole],
      outcome.reason?.slice(0, REASON_CHARACTERS_MAX) ?? null,
    ],
  );
  return rows.length === 1;
};

export interface GaspPeerState extends GaspPeer {
  readonly since: number;
  readonly failures: number;
  readonly lastError: string | undefined;
}

/** What is remembered of every host that was ever followed, in the order of topic and URL. */
export const listGaspPeers = async (db: Database): Promise<GaspPeerState[]> => {
  const rows = await runStatement<
    { topic: string; url: string; since: string; failures: number; error: string | null }[]
  >(db, 'select topic, url, since, failures, last_error as error from portcullis.gasp_peer order by topic, url', []);
  return rows.map(({ since, error, ...row }) => ({ ...row, since: Number(since), lastError: error ?? undefined }));
};

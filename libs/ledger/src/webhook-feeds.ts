import type { DataSource } from 'typeorm';
import { runStatement } from './database';
import type { Database } from './database';
import { closeFeed, findFeed, openFeed } from './event-feeds';
import type { EventFeed, FeedLease } from './event-feeds';
import { tenantOf } from './tenant';

/** A subscription of an organisation to one topic, told to an address of its own. */
export interface Webhook extends Omit<EventFeed, 'settings' | 'topic'> {
  readonly id: string;
  readonly topic: string;
  readonly url: string;
  /** The receiver said that it wants no more. */
  readonly closed: boolean;
}

export interface WebhookOpening {
  readonly id: string;
  readonly organisation: string;
  readonly topic: string;
  readonly url: string;
  /** The last event that is not to be told. */
  readonly position: number;
  /** Subscriptions that one organisation may have. */
  readonly countMax: number;
}

const PREFIX = 'webhook:';
export const webhookFeedName = (id: string): string => `${PREFIX}${id}`;

export const readWebhook = ({ settings, topic = '', ...feed }: EventFeed): Webhook => ({
  ...feed,
  topic,
  id: feed.name.slice(PREFIX.length),
  url: String(settings['url']),
  closed: settings['closed'] === true,
});

/** False when the organisation has as many as it may. Those of one organisation are opened one after the other, so that none is counted too late. */
export const openWebhook = (database: DataSource, opening: WebhookOpening): Promise<boolean> =>
  database.transaction(async (db) => {
    const { id, organisation, topic, url, position, countMax } = opening;
    const own = tenantOf(db, organisation);
    await runStatement(own, `select pg_advisory_xact_lock(hashtextextended('portcullis webhooks ' || $1, 0))`, [
      organisation,
    ]);
    const counted = `select count(*)::int as count from portcullis.event_feed where kind = 'webhook' and organisation = $1`;
    const [row] = await runStatement<{ count: number }[]>(own, counted, [organisation]);
    if ((row?.count ?? 0) >= countMax) return false;
    const name = webhookFeedName(id);
    return openFeed(own, { name, kind: 'webhook', organisation, topic, settings: { url }, position });
  });

/** Of this organisation and topic, and of no other. */
export const findWebhook = async (
  db: Database,
  { organisation, topic, id }: { organisation: string; topic: string; id: string },
): Promise<Webhook | undefined> => {
  const feed = await findFeed(tenantOf(db, organisation), webhookFeedName(id));
  return feed?.kind === 'webhook' && feed.organisation === organisation && feed.topic === topic
    ? readWebhook(feed)
    : undefined;
};

export const listWebhookIds = async (db: Database, organisation: string, topic: string): Promise<string[]> => {
  const rows = await runStatement<{ name: string }[]>(
    tenantOf(db, organisation),
    `select name from portcullis.event_feed where kind = 'webhook' and organisation = $1 and topic = $2 order by created_at, name`,
    [organisation, topic],
  );
  return rows.map(({ name }) => name.slice(PREFIX.length));
};

/** Those that have something to tell, are held by nobody and are not waiting. Which come first is left to chance, so that none is always last. */
export const listDueWebhooks = async (
  db: Database,
  limit: number,
): Promise<{ readonly name: string; readonly organisation: string }[]> =>
  runStatement(
    db,
    `select f.name, f.organisation from portcullis.event_feed f
     cross join lateral (select true as there from portcullis.topic_event e where e.topic = f.topic and e.position > f.position limit 1) more
     where f.kind = 'webhook' and f.state = 'running' and (f.lease_until is null or f.lease_until <= now())
       and (f.retry_at is null or f.retry_at <= now())
     order by random() limit $1`,
    [limit],
  );

/** Nothing more is told until it is enabled. Heard from its holder alone. */
export const stopWebhook = async (
  db: Database,
  lease: Pick<FeedLease, 'name' | 'leaseNumber'>,
  { reason, closed }: { reason: string; closed: boolean },
): Promise<void> => {
  await runStatement(
    db,
    `update portcullis.event_feed set state = 'paused', failures = failures + 1, retry_at = null, last_error = $3, lease_until = null,
       settings = settings || jsonb_build_object('closed', $4::boolean)
     where name = $1 and lease_number = $2 and lease_until is not null`,
    [lease.name, lease.leaseNumber, reason, closed],
  );
};

/** Goes on where it stands, at once. */
export const resumeWebhook = async (db: Database, organisation: string, id: string): Promise<void> => {
  await runStatement(
    tenantOf(db, organisation),
    `update portcullis.event_feed set state = 'running', failures = 0, retry_at = null, last_error = null, settings = settings - 'closed'
     where name = $1 and kind = 'webhook'`,
    [webhookFeedName(id)],
  );
};

/** Nothing of it is left, but what is under way. */
export const closeWebhook = (db: Database, organisation: string, id: string): Promise<boolean> =>
  closeFeed(tenantOf(db, organisation), webhookFeedName(id));

/** For the operator: subscriptions with events that they were not told of, and those that are stopped. */
export const measureWebhooks = async (db: Database): Promise<{ behind: number; paused: number }> => {
  const [row] = await runStatement<{ behind: number; paused: number }[]>(
    db,
    `select count(*) filter (where f.state = 'running' and more.there)::int as behind, count(*) filter (where f.state = 'paused')::int as paused
     from portcullis.event_feed f
     left join lateral (select true as there from portcullis.topic_event e where e.topic = f.topic and e.position > f.position limit 1) more on true
     where f.kind = 'webhook'`,
    [],
  );
  return row ?? { behind: 0, paused: 0 };
};

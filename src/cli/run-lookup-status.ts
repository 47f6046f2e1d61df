import { readSettings } from '../config';
import { findEventTip, isBeingRebuilt, listFeeds, type EventFeed } from '#ledger';
import { feedNameOf } from '../lookup/feed/feed-cursor';
import { print } from './print';
import { withDatabase } from './with-database';

interface LookupStatus {
  readonly name: string;
  readonly storage: 'own' | 'process';
  /** `memory`: each gateway tells its own from the first event; how far it came is in its metrics and its readiness. */
  readonly state: 'told' | 'behind' | 'rebuilding' | 'new' | 'memory';
  readonly position: number | null;
  readonly tip: number;
  readonly failures: number;
  readonly lastError: string | null;
  readonly retryAt: string | null;
}

/** How far every configured lookup service has been told. */
export async function runLookupStatus(options: { json: boolean }): Promise<void> {
  const configured = readSettings(process.env).topics.filter(({ name }) => name.startsWith('ls_'));
  const statuses = await withDatabase(async (database) => {
    const [tip, feeds] = [await findEventTip(database), await listFeeds(database, 'lookup')];
    const byName = new Map(feeds.map((feed) => [feed.name, feed]));
    return configured.map(({ name, storage = 'own' }) =>
      describe(name, tip, storage === 'own' ? { storage, feed: byName.get(feedNameOf(name)) } : { storage }),
    );
  });
  const lines = statuses.length === 0 ? ['No lookup service is configured.'] : statuses.map(writeLine);
  print({ json: options.json, value: statuses, lines });
}

function describe(
  name: string,
  tip: number,
  { storage, feed }: { storage: 'own' | 'process'; feed?: EventFeed | undefined },
): LookupStatus {
  const none = { position: null, failures: 0, lastError: null, retryAt: null };
  if (storage === 'process') return { name, storage, state: 'memory', tip, ...none };
  if (feed === undefined) return { name, storage, state: 'new', tip, ...none };
  const { position, failures, lastError = null, retryAt } = feed;
  const state = isBeingRebuilt(feed) ? 'rebuilding' : position < tip ? 'behind' : 'told';
  // A try that is over says nothing of the next.
  const waits = failures > 0 ? (retryAt?.toISOString() ?? null) : null;
  return { name, storage, state, tip, position, failures, lastError, retryAt: waits };
}

function writeLine({ name, state, position, tip, failures, lastError }: LookupStatus): string {
  const told = tip < 0 ? 'no event yet' : `event ${String(position)} of ${String(tip)}`;
  const place = position === null ? '' : ` (${told})`;
  const trouble = failures === 0 ? '' : `, ${String(failures)} tries failed: ${lastError ?? 'no reason'}`;
  return `${name.padEnd(24)} ${state}${place}${trouble}`;
}

import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { beginRebuild, findEventTip, findFeed, isBeingRebuilt, openFeed, type EventFeed } from '#ledger';
import { readSettings, type Config } from '../config';
import { StoredCursor, feedNameOf } from '../lookup/feed/feed-cursor';
import { leaseMsOf } from '../lookup/feed/lease-ms';
import { LookupFeed } from '../lookup/feed/lookup-feed.runner';
import { Log } from '../telemetry';
import { hostLookup } from '../topics/host-lookup';
import { openExtensions } from '../topics/open-extensions';
import { CommandError, exitCodes } from './exit-codes';
import { print } from './print';
import { showProgress } from './progress';
import { withDatabase } from './with-database';

const LOOK_EVERY_MS = 200;
/** A gateway that runs takes up the work by itself, at the latest with its next look. */
const HEAD_START_MS = 3_000;
/** Tries in a row after which the command goes home; the rebuild goes on whenever the service takes what it is told. */
const FAILURES_MAX = 5;

interface Rebuild {
  readonly database: DataSource;
  readonly config: Config;
  readonly service: string;
}

interface Rebuilt {
  readonly service: string;
  readonly position: number;
}

/**
 * Withdraws from a lookup service all that the ledger ever admitted and tells it every event again. The order is a mark in the database: whoever holds the
 * lease of the feed carries it out, a gateway that runs, or else this command itself.
 */
export async function runLookupRebuild(service: string, options: { json: boolean }): Promise<void> {
  const storage = readSettings(process.env).topics.find(({ name }) => name === service && name.startsWith('ls_'));
  if (storage === undefined) {
    throw new CommandError(exitCodes.usage, `PORTCULLIS_TOPICS names no lookup service ${service}.`);
  }
  if (storage.storage === 'process') {
    const sentence = `${service} keeps what it is told in memory: every gateway tells its own from the first event when it starts.`;
    throw new CommandError(exitCodes.usage, sentence);
  }
  const rebuilt = await withDatabase(async (database, config) => {
    const name = feedNameOf(service);
    await openFeed(database, { name, kind: 'lookup' });
    await beginRebuild(database, name);
    return follow({ database, config, service });
  });
  print({
    json: options.json,
    value: rebuilt,
    lines: [writeLine(rebuilt)],
  });
}

const writeLine = ({ service, position }: Rebuilt): string =>
  `${service} is rebuilt${position < 0 ? ': there is no event yet' : ` up to event ${String(position)}`}`;

async function follow(rebuild: Rebuild): Promise<Rebuilt> {
  const { database, service } = rebuild;
  const total = (await findEventTip(database)) + 1;
  const progress = showProgress(`rebuilding ${service}`, 2 * total);
  const startedAt = performance.now();
  let close: (() => Promise<void>) | undefined;
  try {
    for (;;) {
      const feed = await findFeed(database, feedNameOf(service));
      if (feed === undefined) throw new CommandError(exitCodes.fault, `The feed of ${service} is gone.`);
      progress.advance(countDone(feed, total));
      if (!isBeingRebuilt(feed)) return { service, position: feed.position };
      refuseDown(service, feed);
      const isHeld = feed.leaseUntil !== undefined && feed.leaseUntil.getTime() > Date.now();
      if (close === undefined && !isHeld && performance.now() - startedAt > HEAD_START_MS)
        close = await feedHere(rebuild);
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    await close?.();
    progress.finish();
  }
}

/** Withdrawing is the first half of the work, telling the second. */
const countDone = ({ state, position }: EventFeed, total: number): number =>
  Math.min(2 * total, (state === 'rebuilding' ? 0 : total) + position + 1);

function refuseDown(service: string, { failures, lastError }: EventFeed): void {
  if (failures < FAILURES_MAX) return;
  const sentence = `${service} does not take what it is told: ${lastError ?? 'no reason'}. The rebuild goes on when it does and a gateway runs.`;
  throw new CommandError(exitCodes.unavailable, sentence);
}

/** As a gateway would, for as long as no gateway does. */
async function feedHere({ database, config, service }: Rebuild): Promise<() => Promise<void>> {
  const [entry] = config.topics.filter(({ name }) => name === service);
  if (entry === undefined)
    throw new CommandError(exitCodes.usage, `PORTCULLIS_TOPICS names no lookup service ${service}.`);
  const say = (line: string): void => void process.stderr.write(`${service}: ${line}\n`);
  const opened = await openExtensions({
    config: { ...config, topics: [entry] },
    onLine: (_name, line) => say(line),
    onReplaced: (_name, reason) => say(reason),
  });
  const [extension] = opened;
  if (extension === undefined) throw new CommandError(exitCodes.fault, `${service} was not opened.`);
  const { thread } = extension;
  const feed = new LookupFeed({
    database,
    lookup: hostLookup({ name: service, storage: 'own', thread, count: () => undefined, report: say }),
    cursor: new StoredCursor(database, service, leaseMsOf(config)),
    log: new Log({ level: 'silent' }),
    pollMs: LOOK_EVERY_MS,
  });
  feed.start();
  return async () => {
    await feed.stop();
    await thread.close();
  };
}

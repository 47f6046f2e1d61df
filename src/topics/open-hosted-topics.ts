import type { GraphTransaction, Txid } from '#atomic-core';
import { findGraph } from '#ledger';
import type { DataSource } from 'typeorm';
import { ConfigError, type Config } from '../config';
import type { Log, Metrics } from '../telemetry';
import { createDocumentsTopic } from './documents';
import { hostLookup } from './host-lookup';
import { hostTopic, type CountCall, type FindParents } from './host-topic';
import { HostedTopics } from './hosted-topics';
import type { About, HostedLookup, HostedTopic } from './hosted-topic';
import { openExtensions, type OpenedExtension } from './open-extensions';
import type { ServiceMetadata } from './service-metadata';
import { createRevocationTopic } from './revocation';
import { createShipTopic } from './ship';
import { createSlapTopic } from './slap';
import type { TopicExtension } from './topic-extension';

interface Parts {
  readonly config: Pick<Config, 'topics' | 'topicTimeoutMs' | 'topicMemoryMb' | 'overlayDiscovery'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly database: DataSource;
}

/** The topics of our own. A new one is a folder beside `documents` and a line here. */
const listNatives = ({ overlayDiscovery }: Pick<Config, 'overlayDiscovery'>): TopicExtension[] => [
  createDocumentsTopic(),
  createRevocationTopic(),
  ...(overlayDiscovery === 'off' ? [] : [createShipTopic(), createSlapTopic()]),
];

/** Everything that this gateway hosts; throws a ConfigError where a configured module cannot be hosted. */
export async function openHostedTopics(parts: Parts): Promise<HostedTopics> {
  const natives = listNatives(parts.config);
  refuseTaken(natives, parts.config.topics);
  const { log, metrics, database } = parts;
  const countReplaced = metrics.counter(
    'topic_threads_replaced',
    'Threads of hosted topics and lookups that were replaced',
  );
  const countCall = metrics.counter('topic_calls', 'Calls of hosted topics and lookups by outcome');
  const opened = await openExtensions({
    config: parts.config,
    onLine: (name, line) => log.write('info', `${name}: ${line}`, { topic: name }),
    onReplaced: (name, reason) => {
      countReplaced(1, { name });
      log.write('warn', `${name}: its thread is replaced: ${reason}`, { topic: name });
    },
  });
  const tools: Tools = {
    count: (name, outcome) => countCall(1, { name, outcome }),
    report: (name, reason) => log.write('warn', `${name}: ${reason}`, { topic: name }),
    findParents: (txids) => findParents(database, txids),
  };
  const hosted = opened.map((extension) => hostExtension(extension, tools));
  return new HostedTopics({
    topics: [...natives.map(openNativeTopic), ...hosted.flatMap(({ topic }) => (topic === undefined ? [] : [topic]))],
    lookups: [
      ...natives.map(openNativeLookup),
      ...hosted.flatMap(({ lookup }) => (lookup === undefined ? [] : [lookup])),
    ],
    threads: new Map(opened.map(({ entry, thread }) => [entry.name, thread])),
  });
}

interface Tools {
  readonly count: CountCall;
  readonly report: (name: string, reason: string) => void;
  readonly findParents: FindParents;
}

function hostExtension(
  { entry: { name, storage = 'own' }, kind, thread }: OpenedExtension,
  { count, report, findParents: parentsOf }: Tools,
): { readonly topic?: HostedTopic; readonly lookup?: HostedLookup } {
  const host = { name, thread, count, report: (reason: string) => report(name, reason) };
  if (kind === 'topic') return { topic: hostTopic({ ...host, findParents: parentsOf }) };
  return { lookup: hostLookup({ ...host, storage }) };
}

const introduceNative = (documentation: string, metadata: ServiceMetadata): About => ({
  documentation: () => Promise.resolve(documentation),
  metadata: () => Promise.resolve(metadata),
});

const openNativeTopic = ({ manager, about }: TopicExtension): HostedTopic => ({
  ...manager,
  ...introduceNative(about.documentation, about.topic),
});

const openNativeLookup = ({ lookup, about }: TopicExtension): HostedLookup => ({
  kind: 'keys',
  ...lookup,
  ...introduceNative(about.documentation, about.lookup),
});

function refuseTaken(natives: readonly TopicExtension[], configured: Config['topics']): void {
  const taken = new Set(natives.flatMap(({ manager, lookup }) => [manager.name, lookup.name]));
  const [twice] = configured.filter(({ name }) => taken.has(name));
  if (twice === undefined) return;
  throw new ConfigError(`PORTCULLIS_TOPICS names ${twice.name}, which this gateway hosts itself.`);
}

/** Parents before their children, each coin's transaction with what proves it. */
async function findParents(database: DataSource, txids: readonly Txid[]): Promise<readonly GraphTransaction[]> {
  const found: GraphTransaction[] = [];
  for (const txid of txids) found.push(...(await findGraph(database, txid)));
  return found;
}

import { accept, reject, type Result, type TopicManager } from '#atomic-core';
import type { HostedLookup, HostedTopic } from './hosted-topic';
import type { ExtensionThread } from './thread';

export interface HostedParts {
  readonly topics: readonly HostedTopic[];
  readonly lookups: readonly HostedLookup[];
  /** By configured name: the threads behind the topics and lookups of others. */
  readonly threads?: ReadonlyMap<string, ExtensionThread>;
}

/** The topics and lookups of this gateway by name: our own, each a folder beside this file, and those of others (`PORTCULLIS_TOPICS`). */
export class HostedTopics {
  private readonly topics: ReadonlyMap<string, HostedTopic>;
  private readonly lookups: ReadonlyMap<string, HostedLookup>;
  private readonly threads: ReadonlyMap<string, ExtensionThread>;

  constructor({ topics, lookups, threads = new Map<string, ExtensionThread>() }: HostedParts) {
    this.topics = new Map(topics.map((topic) => [topic.name, topic]));
    this.lookups = new Map(lookups.map((lookup) => [lookup.name, lookup]));
    this.threads = threads;
  }

  get topicNames(): readonly string[] {
    return [...this.topics.keys()];
  }

  get lookupNames(): readonly string[] {
    return [...this.lookups.keys()];
  }

  listTopics(names: readonly string[]): Result<TopicManager[]> {
    const managers: TopicManager[] = [];
    for (const name of names) {
      const manager = this.topics.get(name);
      if (manager === undefined) return reject('topic-unknown');
      managers.push(manager);
    }
    return accept(managers);
  }

  findTopic(name: string): Result<HostedTopic> {
    const topic = this.topics.get(name);
    return topic === undefined ? reject('topic-unknown') : accept(topic);
  }

  findLookup(name: string): Result<HostedLookup> {
    const lookup = this.lookups.get(name);
    return lookup === undefined ? reject('lookup-unknown') : accept(lookup);
  }

  /** Names of those of others whose thread ended and could not be brought back so far. */
  listDown(): string[] {
    return [...this.threads].filter(([, thread]) => thread.isDown).map(([name]) => name);
  }

  /** Ends the threads. What is under way then is refused as `topic-unavailable`. */
  async close(): Promise<void> {
    await Promise.all([...this.threads.values()].map((thread) => thread.close()));
  }
}

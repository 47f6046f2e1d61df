import { accept, reject, type LookupService, type Result, type TopicManager } from '#atomic-core';
import { createDocumentsTopic, type TopicExtension } from './documents';

/** The topics of this gateway. A new one is a folder beside `documents` and a line here. */
export class HostedTopics {
  private readonly topics = new Map<string, TopicManager>();
  private readonly lookups = new Map<string, LookupService>();

  constructor(extensions: readonly TopicExtension[] = [createDocumentsTopic()]) {
    for (const { manager, lookup } of extensions) {
      this.topics.set(manager.name, manager);
      this.lookups.set(lookup.name, lookup);
    }
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

  findLookup(name: string): Result<LookupService> {
    const lookup = this.lookups.get(name);
    return lookup === undefined ? reject('lookup-unknown') : accept(lookup);
  }
}

import type { LookupService, TopicManager } from '#atomic-core';
import type { ServiceMetadata } from './service-metadata';

/** What a folder beside this file gives: a topic, the lookup over it, and how each introduces itself. */
export interface TopicExtension {
  readonly manager: TopicManager;
  readonly lookup: LookupService;
  readonly about: {
    readonly documentation: string;
    readonly topic: ServiceMetadata;
    readonly lookup: ServiceMetadata;
  };
}

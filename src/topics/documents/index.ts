import type { LookupService, TopicManager } from '#atomic-core';
import { documentsLookup } from './documents.lookup';
import { documentsTopic } from './documents.topic';

export interface TopicExtension {
  readonly manager: TopicManager;
  readonly lookup: LookupService;
}

/** Business documents as tokens. Takes no configuration. */
export function createDocumentsTopic(): TopicExtension {
  return { manager: documentsTopic, lookup: documentsLookup };
}

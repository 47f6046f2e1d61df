export { HistoryError } from './host-lookup';
export { HostedTopics } from './hosted-topics';
export type {
  FormulaOutput,
  HistorySelector,
  HostedFormula,
  HostedLookup,
  HostedTopic,
  KeysLookup,
  NeededInput,
  ServiceLookup,
  Told,
} from './hosted-topic';
export { DISCOVERY_KEYS, readAdvertisement, writeLookupKey } from './read-advertisement';
export type { DiscoveryProtocol } from './read-advertisement';
export type { ServiceMetadata } from './service-metadata';
export type { AdmissionMode, LookupNotice, LookupQuestion, SpendNotificationMode } from './thread';
export type { TopicExtension } from './topic-extension';
export { TopicsModule } from './topics.module';

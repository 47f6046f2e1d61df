import type { TopicManager } from '@bsv/overlay';

export class ChainTopicManager implements TopicManager {
  identifyAdmissibleOutputs: TopicManager['identifyAdmissibleOutputs'];
  identifyNeededInputs: NonNullable<TopicManager['identifyNeededInputs']>;
  getDocumentation: TopicManager['getDocumentation'];
  getMetaData: TopicManager['getMetaData'];
}

import { isTopicName, type LookupService } from '#atomic-core';
import { readAdvertisementQuery } from '../read-advertisement-query';

/** `ls_ship`: the hosts of topics. What `TopicBroadcaster` asks: `{ topics: [...] }`. */
export const shipLookup: LookupService = {
  name: 'ls_ship',
  topic: 'tm_ship',
  readQuery: (query) =>
    readAdvertisementQuery(query, ({ topics }) => {
      if (topics === undefined) return 'any';
      return Array.isArray(topics) ? topics.filter((name) => typeof name === 'string').filter(isTopicName) : undefined;
    }),
};

import { isLookupName, type LookupService } from '#atomic-core';
import { readAdvertisementQuery } from '../read-advertisement-query';

/** `ls_slap`: the hosts of lookup services. What `LookupResolver` asks its trackers: `{ service: 'ls_…' }`. */
export const slapLookup: LookupService = {
  name: 'ls_slap',
  topic: 'tm_slap',
  readQuery: (query) =>
    readAdvertisementQuery(query, ({ service }) => {
      if (service === undefined) return 'any';
      if (typeof service !== 'string') return undefined;
      return isLookupName(service) ? [service] : [];
    }),
};

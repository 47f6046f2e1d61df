import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopicExtension } from '../topic-extension';
import { slapLookup } from './slap.lookup';
import { slapTopic } from './slap.topic';

/** Hosted where PORTCULLIS_OVERLAY_DISCOVERY says so. Takes no configuration of its own. */
export function createSlapTopic(): TopicExtension {
  return {
    manager: slapTopic,
    lookup: slapLookup,
    about: {
      documentation: readFileSync(join(__dirname, 'README.md'), 'utf8'),
      topic: { name: 'SLAP Topic Manager', shortDescription: 'Who answers for a lookup service.' },
      lookup: { name: 'SLAP Lookup Service', shortDescription: 'Finds the hosts of a lookup service.' },
    },
  };
}

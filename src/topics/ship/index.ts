import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopicExtension } from '../topic-extension';
import { shipLookup } from './ship.lookup';
import { shipTopic } from './ship.topic';

/** Hosted where PORTCULLIS_OVERLAY_DISCOVERY says so. Takes no configuration of its own. */
export function createShipTopic(): TopicExtension {
  return {
    manager: shipTopic,
    lookup: shipLookup,
    about: {
      documentation: readFileSync(join(__dirname, 'README.md'), 'utf8'),
      topic: { name: 'SHIP Topic Manager', shortDescription: 'Who hosts a topic.' },
      lookup: { name: 'SHIP Lookup Service', shortDescription: 'Finds the hosts of a topic.' },
    },
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopicExtension } from '../topic-extension';
import { revocationLookup } from './revocation.lookup';
import { revocationTopic } from './revocation.topic';

/** Always hosted. Takes no configuration. */
export function createRevocationTopic(): TopicExtension {
  return {
    manager: revocationTopic,
    lookup: revocationLookup,
    about: {
      documentation: readFileSync(join(__dirname, 'README.md'), 'utf8'),
      topic: { name: 'Revocation Topic Manager', shortDescription: 'Transactions that revoke certificates.' },
      lookup: { name: 'Revocation Lookup Service', shortDescription: 'Finds who revoked a certificate.' },
    },
  };
}

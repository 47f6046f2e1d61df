import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopicExtension } from '../topic-extension';
import { documentsLookup } from './documents.lookup';
import { documentsTopic } from './documents.topic';

/** Business documents as tokens. Takes no configuration. */
export function createDocumentsTopic(): TopicExtension {
  return {
    manager: documentsTopic,
    lookup: documentsLookup,
    about: {
      documentation: readFileSync(join(__dirname, 'README.md'), 'utf8'),
      topic: { name: 'Documents', shortDescription: 'Orders, receipts and invoices as tokens.' },
      lookup: { name: 'Documents', shortDescription: 'Finds the live tokens of a document.' },
    },
  };
}

import type { LookupService } from '#atomic-core';
import { documentKinds, isDocumentId } from './read-document';

const FIELDS = new Set(['documentId', 'kind']);

/** `ls_documents`: `{ documentId }` or `{ documentId, kind }`. Ids are the issuer's own, so an answer may hold tokens of several issuers. */
export const documentsLookup: LookupService = {
  name: 'ls_documents',
  topic: 'tm_documents',
  readQuery(query: unknown): readonly string[] | undefined {
    if (typeof query !== 'object' || query === null || Object.keys(query).some((field) => !FIELDS.has(field)))
      return undefined;
    const { documentId, kind } = query as { documentId?: unknown; kind?: unknown };
    if (typeof documentId !== 'string' || !isDocumentId(documentId)) return undefined;
    if (kind === undefined) return [documentId];
    const known = documentKinds.find((name) => name === kind);
    return known === undefined ? undefined : [`${known}/${documentId}`];
  },
};

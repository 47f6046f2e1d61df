import { isIdentityKey, type LookupService } from '#atomic-core';
import { documentKinds, isDocumentId } from './read-document';

const FIELDS = new Set(['documentId', 'kind', 'issuerKey']);

/**
 * `ls_documents`: `{ documentId }`, each of `kind` and `issuerKey` if wanted. Ids are the issuer's own, so an answer without `issuerKey` may hold tokens
 * of several issuers, and be full of those of a stranger.
 */
export const documentsLookup: LookupService = {
  name: 'ls_documents',
  topic: 'tm_documents',
  readQuery(query: unknown): readonly string[] | undefined {
    if (typeof query !== 'object' || query === null || Object.keys(query).some((field) => !FIELDS.has(field)))
      return undefined;
    const { documentId, kind, issuerKey } = query as { documentId?: unknown; kind?: unknown; issuerKey?: unknown };
    if (typeof documentId !== 'string' || !isDocumentId(documentId)) return undefined;
    if (issuerKey !== undefined && !isIdentityKey(issuerKey)) return undefined;
    const known = documentKinds.find((name) => name === kind);
    if (kind !== undefined && known === undefined) return undefined;
    return [[issuerKey, known, documentId].filter((part) => part !== undefined).join('/')];
  },
};

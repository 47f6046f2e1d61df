import { readPushDrop, verifyOpenSignature, type Outpoint } from '#atomic-core';

export const documentKinds = ['order', 'receipt', 'invoice'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** A document token as its output states it. */
export interface Document {
  readonly kind: DocumentKind;
  readonly documentId: string;
  readonly contentHash: Uint8Array;
  readonly issuerKey: Uint8Array;
  readonly signature: Uint8Array;
  /** The key that can spend the token. */
  readonly holderKey: Uint8Array;
}

export type DocumentReading =
  | { readonly is: 'document'; readonly document: Document }
  /** Says it is a document and is none. */
  | { readonly is: 'malformed'; readonly reason: string }
  | { readonly is: 'other' };

const FIELDS = 5;
const HASH_BYTES = 32;
const KEY_BYTES = 33;
/** 1 to 64 characters that need no escaping in a path, a file name or a lookup key. */
const DOCUMENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PROTOCOL = [2, 'portcullis document'] as const;
const SIGNED_PREFIX = 'portcullis document v1';

const isKind = (text: string): text is DocumentKind => (documentKinds as readonly string[]).includes(text);
export const isDocumentId = (text: string): boolean => DOCUMENT_ID.test(text);

/** A PushDrop whose first field is a document kind must be a document in every other way; any other output is nobody's business here. */
export function readDocument(lockingScript: Uint8Array): DocumentReading {
  const token = readPushDrop(lockingScript);
  const kind = token?.fields[0] === undefined ? '' : Buffer.from(token.fields[0]).toString('latin1');
  if (token === undefined || !isKind(kind)) return { is: 'other' };
  if (token.fields.length !== FIELDS) return { is: 'malformed', reason: `a document has ${FIELDS} fields` };
  const [, id, contentHash, issuerKey, signature] = token.fields as readonly [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const documentId = Buffer.from(id).toString('latin1');
  if (!isDocumentId(documentId)) return { is: 'malformed', reason: 'the document id is not valid' };
  if (contentHash.length !== HASH_BYTES)
    return { is: 'malformed', reason: `the content hash is not ${HASH_BYTES} bytes` };
  if (issuerKey.length !== KEY_BYTES) return { is: 'malformed', reason: 'the issuer is not a compressed public key' };
  return {
    is: 'document',
    document: { kind, documentId, contentHash, issuerKey, signature, holderKey: token.lockingKey },
  };
}

/** The fields without the holder: what a transfer must carry over unchanged. */
export function stateOf({ kind, documentId, contentHash, issuerKey, signature }: Document): string {
  return [
    kind,
    documentId,
    ...[contentHash, issuerKey, signature].map((field) => Buffer.from(field).toString('hex')),
  ].join('/');
}

/** What a query of the id, of id and kind, of id and issuer, and of all three looks for. */
export function listLookupKeys({ kind, documentId, issuerKey }: Document): string[] {
  const issuer = Buffer.from(issuerKey).toString('hex');
  return [documentId, `${kind}/${documentId}`, `${issuer}/${documentId}`, `${issuer}/${kind}/${documentId}`];
}

/**
 * What the issuer signs. The anchor, the outpoint that input 0 of the issuing transaction spends, can be spent once, so a signature issues once: fields are
 * public, and without it anybody could copy them into a token of their own. Fixed-length fields first, the id last: no two documents share these bytes.
 */
export function signedBytes(
  { kind, documentId, contentHash }: Omit<Document, 'signature' | 'holderKey' | 'issuerKey'>,
  anchor: Outpoint,
): Buffer {
  return Buffer.concat([
    Buffer.from(`${SIGNED_PREFIX}\n`),
    anchor,
    contentHash,
    Buffer.from(`${kind}/${documentId}`, 'latin1'),
  ]);
}

export function isIssuedBy(document: Document, anchor: Outpoint): boolean {
  return verifyOpenSignature({
    data: signedBytes(document, anchor),
    signature: document.signature,
    signer: document.issuerKey,
    protocol: PROTOCOL,
    keyId: document.documentId,
  });
}

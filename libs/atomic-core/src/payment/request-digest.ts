import { hash } from 'node:crypto';
import { sha256 } from '../bytes';

/** What a request asks for: everything that changes its meaning, nothing that a retry changes (nonces, signature, payment). */
export interface RequestMeaning {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly topics: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly body: Uint8Array;
}

const field = (octets: Uint8Array): Uint8Array[] => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(octets.length);
  return [length, octets];
};
/** Absent and empty are different requests. */
const optional = (text: string | undefined): Uint8Array[] =>
  text === undefined ? [Buffer.of(0)] : [Buffer.of(1), ...field(Buffer.from(text, 'utf8'))];

/** Binds quotes, payments and replays to one request. Each part has its length in front, so that no two requests run together. */
export const requestDigest = (request: RequestMeaning): Buffer =>
  hash(
    'sha256',
    Buffer.concat([
      ...field(Buffer.from('portcullis request v1', 'utf8')),
      ...field(Buffer.from(request.method, 'utf8')),
      ...field(Buffer.from(request.url, 'utf8')),
      ...optional(request.topics),
      ...optional(request.idempotencyKey),
      sha256(request.body),
    ]),
    'buffer',
  );

import type { Readable } from 'node:stream';

const streams = new WeakSet<Readable>();

/**
 * Marks an answer without end. BRC-104 signs whole answers, and this one is never whole: its head alone is signed, as that of an answer with an empty
 * body, and the octets follow as they come. What a caller is promised about them MUST be in an `x-bsv-` header, which the signature covers.
 */
export const signHeadOnly = <T extends Readable>(stream: T): T => {
  streams.add(stream);
  return stream;
};

export const isSignedByHead = (payload: unknown): payload is Readable =>
  typeof payload === 'object' && payload !== null && streams.has(payload as Readable);

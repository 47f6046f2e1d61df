import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';

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

type Head = Readonly<Record<string, string>>;
type SignHead = (status: number, headers: Head) => Head;

const signers = new WeakMap<FastifyRequest, SignHead>();

export const keepHeadSigner = (request: FastifyRequest, sign: SignHead): void => void signers.set(request, sign);

/** The headers that sign the head of an answer which leaves HTTP, and is written by nobody here. None for whoever came without a key. */
export const signUpgradeHead = (request: FastifyRequest, headers: Head): Head =>
  signers.get(request)?.(101, headers) ?? {};

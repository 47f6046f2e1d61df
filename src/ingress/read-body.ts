import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config';
import type { BodyInspector, BulkBodies } from './bulk-bodies';
import type { DoorLimits } from './door-limits';
import { RejectionError } from './rejection-error';
import { mannersOf } from './route-manners';

export interface BodyBounds {
  readonly bytesMax: number;
  readonly refusedBodyBytesMax: number;
  readonly refusedBodyTimeoutMs: number;
  readonly inspect?: BodyInspector;
}

export interface BodyRules {
  readonly config: Pick<Config, 'bodyBytesMax' | 'bulkBodyBytesMax'>;
  readonly limits: DoorLimits;
  readonly bulk: BulkBodies;
}

/**
 * A route may accept less than the gateway: `@RouteConfig({ bodyBytesMax: 65_536 })`. One that takes many things at once, a line each, accepts more and
 * shares the memory for it: `@RouteConfig({ bulkLinesMax: 1_000 })`.
 */
export function bodyBoundsOf(request: FastifyRequest, { config, limits, bulk }: BodyRules): BodyBounds {
  const ofRoute = mannersOf(request);
  const { refusedBodyBytesMax, refusedBodyTimeoutMs } = limits;
  const refusal = { refusedBodyBytesMax, refusedBodyTimeoutMs };
  if (ofRoute.bulkLinesMax !== undefined) {
    return { ...refusal, bytesMax: config.bulkBodyBytesMax, inspect: bulk.inspect(request, ofRoute.bulkLinesMax) };
  }
  return { ...refusal, bytesMax: Math.min(config.bodyBytesMax, ofRoute.bodyBytesMax ?? config.bodyBytesMax) };
}

/**
 * Collects the octets as sent, for every content type. Over the limit nothing more is kept; the rest is read and dropped for a short
 * while, because closing at once would reset the connection under a client that is still writing, and it would never see the 413.
 */
export function readBody(stream: Readable, declaredBytes: number, bounds: BodyBounds): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let received = 0;
    let refused: RejectionError | undefined;

    const settle = (error?: RejectionError): void => {
      clearTimeout(lingering);
      stream.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      if (error === undefined) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, received));
      else reject(error);
    };
    let lingering: NodeJS.Timeout | undefined;
    let readMax = bounds.bytesMax;
    const refuse = (error: RejectionError, at = bounds.bytesMax): void => {
      refused = error;
      chunks = [];
      readMax = at + bounds.refusedBodyBytesMax;
      lingering = setTimeout(settle, bounds.refusedBodyTimeoutMs, error);
      if (declaredBytes > bounds.bytesMax + bounds.refusedBodyBytesMax) settle(error);
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (refused === undefined) {
        const error = received > bounds.bytesMax ? tooLarge(bounds.bytesMax) : inspect(chunk, bounds);
        if (error === undefined) chunks.push(chunk);
        else refuse(error, Math.min(received, bounds.bytesMax));
      } else if (received > readMax) settle(refused);
    };
    const onEnd = (): void => {
      settle(refused);
    };
    const onGone = (): void => {
      settle(endedEarly());
    };

    stream.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    if (declaredBytes > bounds.bytesMax) refuse(tooLarge(bounds.bytesMax));
  });
}

function inspect(chunk: Buffer, bounds: BodyBounds): RejectionError | undefined {
  const inspected = bounds.inspect?.(chunk);
  return inspected === undefined || inspected.ok ? undefined : new RejectionError(inspected.rejection, ends);
}

const ends = { headers: { connection: 'close' } };

const tooLarge = (bytesMax: number): RejectionError =>
  new RejectionError({ code: 'body-too-large', detail: `This route accepts at most ${String(bytesMax)} bytes.` }, ends);
const endedEarly = (): RejectionError =>
  new RejectionError({ code: 'request-malformed', detail: 'The connection ended before the body.' }, ends);

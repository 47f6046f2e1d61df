import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { DoorLimits } from './door-limits';
import { RejectionError } from './rejection-error';

export interface BodyBounds {
  readonly bytesMax: number;
  readonly refusedBodyBytesMax: number;
  readonly refusedBodyTimeoutMs: number;
}

/** A route may accept less than the gateway: `@RouteConfig({ bodyBytesMax: 65_536 })`. */
export function bodyBoundsOf(request: FastifyRequest, bodyBytesMax: number, limits: DoorLimits): BodyBounds {
  const { bodyBytesMax: ofRoute } = request.routeOptions.config as { bodyBytesMax?: number };
  return {
    bytesMax: Math.min(bodyBytesMax, ofRoute ?? bodyBytesMax),
    refusedBodyBytesMax: limits.refusedBodyBytesMax,
    refusedBodyTimeoutMs: limits.refusedBodyTimeoutMs,
  };
}

/**
 * Collects the octets as sent, for every content type. Over the limit nothing more is kept; the rest is read and dropped for a short
 * while, because closing at once would reset the connection under a client that is still writing, and it would never see the 413.
 */
export function readBody(stream: Readable, declaredBytes: number, bounds: BodyBounds): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let received = 0;
    let refused = false;

    const settle = (error?: RejectionError): void => {
      clearTimeout(lingering);
      stream.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      if (error === undefined) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, received));
      else reject(error);
    };
    let lingering: NodeJS.Timeout | undefined;
    const refuse = (): void => {
      refused = true;
      chunks = [];
      lingering = setTimeout(settle, bounds.refusedBodyTimeoutMs, tooLarge(bounds.bytesMax));
      if (declaredBytes > bounds.bytesMax + bounds.refusedBodyBytesMax) settle(tooLarge(bounds.bytesMax));
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (!refused && received > bounds.bytesMax) refuse();
      if (!refused) chunks.push(chunk);
      else if (received > bounds.bytesMax + bounds.refusedBodyBytesMax) settle(tooLarge(bounds.bytesMax));
    };
    const onEnd = (): void => {
      settle(refused ? tooLarge(bounds.bytesMax) : undefined);
    };
    const onGone = (): void => {
      settle(endedEarly());
    };

    stream.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    if (declaredBytes > bounds.bytesMax) refuse();
  });
}

const ends = { headers: { connection: 'close' } };

const tooLarge = (bytesMax: number): RejectionError =>
  new RejectionError({ code: 'body-too-large', detail: `This route accepts at most ${String(bytesMax)} bytes.` }, ends);
const endedEarly = (): RejectionError =>
  new RejectionError({ code: 'request-malformed', detail: 'The connection ended before the body.' }, ends);

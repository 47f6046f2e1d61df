import type { FastifyRequest } from 'fastify';
import { reject, type Result, accept } from '#atomic-core';

const LINE_FEED = 0x0a;

/** Told of each piece of a body as it arrives; a refusal ends it there. */
export type BodyInspector = (chunk: Buffer) => Result<undefined>;

/**
 * The octets of all bulk bodies that this process holds at once. Counted as they arrive and given back with the answer: a caller that only announces a
 * large body, or sends it slowly, keeps nobody else out.
 */
export class BulkBodies {
  readonly #held = new Map<FastifyRequest, number>();
  #total = 0;

  constructor(private readonly bytesMax: number) {}

  get bytes(): number {
    return this.#total;
  }

  inspect(request: FastifyRequest, linesMax: number): BodyInspector {
    const lines = new LineCount();
    return (chunk) => {
      if (lines.add(chunk) > linesMax) return reject('body-too-large', `This route accepts at most ${linesMax} lines.`);
      if (this.#total + chunk.length > this.bytesMax) return reject('bulk-busy');
      this.#total += chunk.length;
      this.#held.set(request, (this.#held.get(request) ?? 0) + chunk.length);
      return accept(undefined);
    };
  }

  release(request: FastifyRequest): void {
    this.#total -= this.#held.get(request) ?? 0;
    this.#held.delete(request);
  }
}

/** Lines of a text that comes in pieces; a last one without its line feed counts. */
class LineCount {
  #ended = 0;
  #isOpen = false;

  add(chunk: Buffer): number {
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) this.#ended += 1;
    if (chunk.length > 0) this.#isOpen = chunk.at(-1) !== LINE_FEED;
    return this.#ended + (this.#isOpen ? 1 : 0);
  }
}

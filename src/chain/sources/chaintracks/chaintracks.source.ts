import { z } from 'zod';
import { HEADER_BYTES } from '#atomic-core';
import type { HeaderSource, HttpClient } from '#ports';

const TIMEOUT_MS = 10_000;
const TIP_BYTES_MAX = 16_384;
const HEADERS_MAX = 2000;

const header = z.object({ height: z.int().min(0).max(0x7fffffff) });
/** The Go server answers the header itself; older ones and the TypeScript client know it inside `value`. */
const tip = z.union([header, z.object({ value: header }).transform(({ value }) => value)]);

export interface ChaintracksConfig {
  readonly url: string;
  readonly apiKey?: string | undefined;
}

/** Chaintracks v2, as served by go-chaintracks and Arcade, and by the development network. */
export class ChaintracksSource implements HeaderSource {
  readonly name: string;

  constructor(
    private readonly http: HttpClient,
    private readonly config: ChaintracksConfig,
  ) {
    this.name = `chaintracks ${new URL(config.url).host}`;
  }

  async fetchTipHeight(signal: AbortSignal): Promise<number> {
    const body = await this.#get('/v2/tip', TIP_BYTES_MAX, signal);
    return tip.parse(JSON.parse(body.toString('utf8'))).height;
  }

  async fetchHeaders(height: number, count: number, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const wanted = Math.min(count, HEADERS_MAX);
    const body = await this.#get(`/v2/headers?height=${height}&count=${wanted}`, wanted * HEADER_BYTES, signal);
    if (body.length % HEADER_BYTES !== 0) throw new Error(`${this.name} answered ${body.length} bytes of headers`);
    return Array.from({ length: body.length / HEADER_BYTES }, (_, index) =>
      body.subarray(index * HEADER_BYTES, (index + 1) * HEADER_BYTES),
    );
  }

  async #get(path: string, answerBytesMax: number, signal: AbortSignal): Promise<Buffer> {
    const answer = await this.http.send(
      {
        method: 'GET',
        url: `${this.config.url}${path}`,
        headers: this.config.apiKey === undefined ? {} : { authorization: `Bearer ${this.config.apiKey}` },
        timeoutMs: TIMEOUT_MS,
        answerBytesMax,
      },
      signal,
    );
    if (answer.status !== 200) throw new Error(`${this.name} answered ${answer.status}`);
    return answer.body;
  }
}

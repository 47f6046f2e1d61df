import { z } from 'zod';
import { readHeader, writeHeader } from '#atomic-core';
import type { HeaderSource, HttpClient } from '#ports';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 65_536;
/** One call per header, and the free service takes three calls a second. */
const HEADERS_MAX = 10;

const hash = z.string().regex(/^[0-9a-f]{64}$/u);
const uint32 = z.int().min(0).max(0xffffffff);
const headerAnswer = z.object({
  hash,
  height: z.int().min(0).max(0x7fffffff),
  version: z.int().min(-0x80000000).max(0xffffffff),
  merkleroot: hash,
  time: uint32,
  nonce: uint32,
  bits: z.string().regex(/^[0-9a-f]{8}$/u),
  /** Absent or empty for the genesis block. */
  previousblockhash: z.union([hash, z.literal('')]).optional(),
});
const latestAnswer = z.array(headerAnswer.pick({ height: true })).min(1);

export interface WhatsOnChainConfig {
  readonly url: string;
  readonly apiKey?: string | undefined;
}

const toBytes = (body: Buffer): Uint8Array => {
  const answer = headerAnswer.parse(JSON.parse(body.toString('utf8')));
  const bytes = writeHeader({
    version: answer.version,
    prevHash: answer.previousblockhash || '0'.repeat(64),
    merkleRoot: answer.merkleroot,
    time: answer.time,
    bits: Number.parseInt(answer.bits, 16),
    nonce: answer.nonce,
  });
  if (readHeader(bytes)?.hash !== answer.hash) throw new Error('a header does not have the hash it is given with');
  return bytes;
};

/** WhatsOnChain: enough to follow the tip. History is better brought in with `portcullis headers import`. */
export class WhatsOnChainSource implements HeaderSource {
  readonly name: string;

  constructor(
    private readonly http: HttpClient,
    private readonly config: WhatsOnChainConfig,
  ) {
    this.name = `whatsonchain ${new URL(config.url).host}`;
  }

  async fetchTipHeight(signal: AbortSignal): Promise<number> {
    const body = await this.#get('/block/headers', signal);
    if (!body) throw new Error(`${this.name} has no headers`);
    return Math.max(...latestAnswer.parse(JSON.parse(body.toString('utf8'))).map(({ height }) => height));
  }

  async fetchHeaders(height: number, count: number, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const headers: Uint8Array[] = [];
    for (let next = height; next < height + Math.min(count, HEADERS_MAX); next += 1) {
      const body = await this.#get(`/block/${next}/header`, signal);
      if (!body) break;
      headers.push(toBytes(body));
    }
    return headers;
  }

  /** Undefined for 404, which is how heights above the tip are answered. */
  async #get(path: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const answer = await this.http.send(
      {
        method: 'GET',
        url: `${this.config.url}${path}`,
        headers: this.config.apiKey === undefined ? {} : { authorization: this.config.apiKey },
        timeoutMs: TIMEOUT_MS,
        answerBytesMax: ANSWER_BYTES_MAX,
      },
      signal,
    );
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Error(`${this.name} answered ${answer.status}`);
    return answer.body;
  }
}

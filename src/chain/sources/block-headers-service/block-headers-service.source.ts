import { z } from 'zod';
import { readHeader, writeHeader } from '#atomic-core';
import type { HeaderSource, HttpClient } from '#ports';

const TIMEOUT_MS = 10_000;
const HEADERS_MAX = 500;
const HEADER_JSON_BYTES_MAX = 1024;

const hash = z.string().regex(/^[0-9a-f]{64}$/u);
const uint32 = z.int().min(0).max(0xffffffff);
const headerAnswer = z.object({
  hash,
  version: z.int().min(-0x80000000).max(0xffffffff),
  prevBlockHash: hash,
  merkleRoot: hash,
  creationTimestamp: uint32,
  difficultyTarget: uint32,
  nonce: uint32,
});
const tipAnswer = z.object({ height: z.int().min(0).max(0x7fffffff) });

type HeaderAnswer = z.output<typeof headerAnswer>;

export interface BlockHeadersServiceConfig {
  readonly url: string;
  readonly apiKey?: string | undefined;
}

const toBytes = (answer: HeaderAnswer): Uint8Array => {
  const bytes = writeHeader({
    version: answer.version,
    prevHash: answer.prevBlockHash,
    merkleRoot: answer.merkleRoot,
    time: answer.creationTimestamp,
    bits: answer.difficultyTarget,
    nonce: answer.nonce,
  });
  if (readHeader(bytes)?.hash !== answer.hash) throw new Error('a header does not have the hash it is given with');
  return bytes;
};

/**
 * The service selects by height, so an answer can hold stale blocks beside those of its longest chain. The chain is what leads back from the last one.
 */
const pickChain = (answers: readonly HeaderAnswer[]): HeaderAnswer[] => {
  const byHash = new Map(answers.map((answer) => [answer.hash, answer]));
  const chain: HeaderAnswer[] = [];
  for (let next = answers.at(-1); next && chain.length < answers.length; next = byHash.get(next.prevBlockHash)) {
    chain.push(next);
  }
  return chain.reverse();
};

/** Block Headers Service (formerly Pulse). Its verdicts about roots are not used: only its headers are, and those are checked. */
export class BlockHeadersServiceSource implements HeaderSource {
  readonly name: string;

  constructor(
    private readonly http: HttpClient,
    private readonly config: BlockHeadersServiceConfig,
  ) {
    this.name = `block-headers-service ${new URL(config.url).host}`;
  }

  async fetchTipHeight(signal: AbortSignal): Promise<number> {
    return tipAnswer.parse(await this.#get('/chain/tip/longest', 1, signal)).height;
  }

  async fetchHeaders(height: number, count: number, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const wanted = Math.min(count, HEADERS_MAX);
    const path = `/chain/header/byHeight?height=${height}&count=${wanted}`;
    const answers = z.array(headerAnswer).parse(await this.#get(path, wanted, signal));
    return pickChain(answers).map(toBytes);
  }

  async #get(path: string, headers: number, signal: AbortSignal): Promise<unknown> {
    const answer = await this.http.send(
      {
        method: 'GET',
        url: `${this.config.url}/api/v1${path}`,
        headers: this.config.apiKey === undefined ? {} : { authorization: `Bearer ${this.config.apiKey}` },
        timeoutMs: TIMEOUT_MS,
        // Twice over: room for stale blocks.
        answerBytesMax: 2 * (headers + 1) * HEADER_JSON_BYTES_MAX,
      },
      signal,
    );
    if (answer.status !== 200) throw new Error(`${this.name} answered ${answer.status}`);
    return JSON.parse(answer.body.toString('utf8')) as unknown;
  }
}

import { z } from 'zod';
import type { Txid } from '#atomic-core';
import type { FoundSpend, HttpClient, SpendProofSource } from '#ports';
import { readWhatsOnChain, type WhatsOnChainRevocationConfig } from './read-whatsonchain';

/** bytes, of hex: what revokes is a small transaction. One that is larger stays a word. */
const TRANSACTION_BYTES_MAX = 4_194_304;
/** bytes: 32 nodes are less than three thousand. */
const PROOF_BYTES_MAX = 16_384;
const HEX = /^(?:[0-9a-f]{2})+$/iu;

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/u)
  .transform((text) => text as Txid);

/** TSC (Technical Standard: Merkle proof format), as a list of one; `*` is a node that is paired with itself. */
const proofAnswer = z
  .array(
    z.object({
      index: z.int().min(0),
      target: hash,
      targetType: z.literal('hash').optional(),
      nodes: z.array(z.union([z.literal('*').transform(() => undefined), hash])).max(32),
    }),
  )
  .min(1);

/** Transactions and their proofs from the WhatsOnChain API. It says nothing about what is unspent. */
export class WhatsOnChainProofSource implements SpendProofSource {
  readonly name: string;

  constructor(
    private readonly http: HttpClient,
    private readonly config: WhatsOnChainRevocationConfig,
  ) {
    this.name = `whatsonchain ${new URL(config.url).host}`;
  }

  async findSpend(txid: Txid, signal: AbortSignal): Promise<FoundSpend | undefined> {
    try {
      const path = `/tx/${txid}/hex`;
      const text = await readWhatsOnChain(this.http, this.config, {
        path,
        answerBytesMax: TRANSACTION_BYTES_MAX,
        signal,
      });
      if (text === undefined || !HEX.test(text.trim())) return undefined;
      return { raw: Buffer.from(text.trim(), 'hex'), mined: await this.#findProof(txid, signal) };
    } catch {
      // Unreachable, out of time, or no such answer as it should be: then it has shown nothing.
      return undefined;
    }
  }

  async #findProof(txid: Txid, signal: AbortSignal): Promise<FoundSpend['mined']> {
    const path = `/tx/${txid}/proof/tsc`;
    const text = await readWhatsOnChain(this.http, this.config, { path, answerBytesMax: PROOF_BYTES_MAX, signal });
    // Of what is not mined it answers `null`, or 404.
    const proofs = text === undefined ? undefined : proofAnswer.safeParse(JSON.parse(text)).data;
    const [first] = proofs ?? [];
    return first && { blockHash: first.target, branch: { index: first.index, siblings: first.nodes } };
  }
}

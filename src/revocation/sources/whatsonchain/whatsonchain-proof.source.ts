import { z } from 'zod';
import type { Txid } from '#atomic-core';
import type { FoundSpend, HttpClient, SpendProofSource } from '#ports';
import { nameWhatsOnChain, readWhatsOnChain, type WhatsOnChainRevocationConfig } from './read-whatsonchain';

/** bytes, of hex: what revokes is a small transaction. One that is larger stays a word. */
const TRANSACTION_BYTES_MAX = 4_194_304;
/** bytes: 32 nodes are less than three thousand. */
const PROOF_BYTES_MAX = 16_384;
const HEX = /^(?:[0-9a-f]{2})+$/iu;

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/u)
  .transform((text) => text as Txid);

/** TSC (Technical Standard: Merkle proof format); `*` is a node that is paired with itself. */
const tscProof = z.object({
  index: z.int().min(0),
  target: hash,
  targetType: z.literal('hash').optional(),
  nodes: z.array(z.union([z.literal('*').transform(() => undefined), hash])).max(32),
});
/** In one list: one for each block that has it, of which rival branches at one time have few. */
const PROOFS_MAX = 4;
const proofAnswer = z.array(z.unknown());

/** Transactions and their proofs from the WhatsOnChain API. It says nothing about what is unspent. */
export class WhatsOnChainProofSource implements SpendProofSource {
  readonly name: string;

  constructor(
    private readonly http: HttpClient,
    private readonly config: WhatsOnChainRevocationConfig,
  ) {
    this.name = nameWhatsOnChain(config);
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
      return { raw: Buffer.from(text.trim(), 'hex'), proofs: await this.#findProofs(txid, signal) };
    } catch {
      // Unreachable, out of time, or no such answer as it should be: then it has shown nothing.
      return undefined;
    }
  }

  async #findProofs(txid: Txid, signal: AbortSignal): Promise<FoundSpend['proofs']> {
    const path = `/tx/${txid}/proof/tsc`;
    const text = await readWhatsOnChain(this.http, this.config, { path, answerBytesMax: PROOF_BYTES_MAX, signal });
    // Of what is not mined it answers `null`, or 404.
    const listed = text === undefined ? undefined : proofAnswer.safeParse(JSON.parse(text)).data;
    return (listed ?? []).slice(0, PROOFS_MAX).flatMap((one) => {
      const { data: proof } = tscProof.safeParse(one);
      return proof === undefined
        ? []
        : { blockHash: proof.target, branch: { index: proof.index, siblings: proof.nodes } };
    });
  }
}

import { z } from 'zod';
import type { HttpClient, RevocationAnswer, RevocationQuestion, RevocationSource } from '#ports';
import { nameWhatsOnChain, readWhatsOnChain, type WhatsOnChainRevocationConfig } from './read-whatsonchain';

/** An output that revokes is a plain lock; the script of it is all that is fetched. */
const ANSWER_BYTES_MAX = 65_536;

const spentAnswer = z.object({ txid: z.string().regex(/^[0-9a-f]{64}$/u) });
const SCRIPT = /^(?:[0-9a-f]{2})+$/iu;

const unknown = (detail: string): RevocationAnswer => ({ state: 'unknown', detail });

/**
 * WhatsOnChain. Its answer about a spend is 404 for an output that is unspent and for one that never was, so the output itself is asked for first: what does
 * not exist is not good.
 */
export class WhatsOnChainRevocationSource implements RevocationSource {
  readonly name: string;

  constructor(
    private readonly http: HttpClient,
    private readonly config: WhatsOnChainRevocationConfig,
  ) {
    this.name = nameWhatsOnChain(config);
  }

  async findRevocation(question: RevocationQuestion, signal: AbortSignal): Promise<RevocationAnswer> {
    try {
      return await this.#find(question, signal);
    } catch (error) {
      // Unreachable, out of time, or an answer that is not what it should be: none of them says anything about the certificate.
      return unknown(error instanceof Error ? error.message : String(error));
    }
  }

  async #find({ txid, vout }: RevocationQuestion, signal: AbortSignal): Promise<RevocationAnswer> {
    const output = await this.#get(`/tx/${txid}/out/${vout}/hex`, signal);
    if (output === undefined) return unknown('it does not know this output');
    if (!SCRIPT.test(output.trim())) return unknown('its answer about the output is not a script');
    const asOfMs = Date.now();
    const spent = await this.#get(`/tx/${txid}/${vout}/spent`, signal);
    if (spent === undefined) return { state: 'good', asOfMs };
    return { state: 'revoked', spenderTxid: spentAnswer.parse(JSON.parse(spent)).txid };
  }

  #get(path: string, signal: AbortSignal): Promise<string | undefined> {
    return readWhatsOnChain(this.http, this.config, { path, answerBytesMax: ANSWER_BYTES_MAX, signal });
  }
}

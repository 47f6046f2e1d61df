import { verifyRevocationStatus } from '#atomic-core';
import type { HttpClient, RevocationAnswer, RevocationQuestion, RevocationSource } from '#ports';

const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 8_192;

export interface CertifierRevocationConfig {
  readonly url: string;
  readonly certifier: string;
}

const unknown = (detail: string): RevocationAnswer => ({ state: 'unknown', detail });

/** The certifier itself, by statements of short life that it signs: who answers for it, replays or changes them can only be silent. That all is well it says of its own certificates alone. */
export class CertifierRevocationSource implements RevocationSource {
  readonly name: string;

  constructor(
    private readonly http: HttpClient,
    private readonly config: CertifierRevocationConfig,
  ) {
    const { host, pathname } = new URL(config.url);
    this.name = `certifier ${config.certifier.slice(0, 16)} at ${host}${pathname === '/' ? '' : pathname}`;
  }

  async findRevocation(question: RevocationQuestion, signal: AbortSignal): Promise<RevocationAnswer> {
    const { txid, vout, certifiers = [] } = question;
    if (!certifiers.includes(this.config.certifier)) return unknown('it is no certificate of this certifier');
    try {
      const answer = await this.#find(`${txid}.${String(vout)}`, signal);
      // A certifier must not vouch for what another one issued, and revoked. That it is spent is true of the certificates of all.
      const isShared = certifiers.some((one) => one !== this.config.certifier);
      return isShared && answer.state === 'good' ? unknown('certificates of others name it, too') : answer;
    } catch (error) {
      return unknown(error instanceof Error ? error.message : String(error));
    }
  }

  async #find(outpoint: string, signal: AbortSignal): Promise<RevocationAnswer> {
    const { url, certifier } = this.config;
    const answer = await this.http.send(
      {
        method: 'GET',
        url: `${url}/certificate-status/${outpoint}`,
        headers: {},
        timeoutMs: TIMEOUT_MS,
        answerBytesMax: ANSWER_BYTES_MAX,
      },
      signal,
    );
    if (answer.status !== 200) return unknown(`it answered ${String(answer.status)}`);
    const json: unknown = JSON.parse(answer.body.toString('utf8'));
    const verified = verifyRevocationStatus(json, { certifier, outpoint, nowMs: Date.now() });
    if (!verified.ok) return unknown(verified.rejection.detail);
    const { spenderTxid, asOf } = verified.value;
    return spenderTxid === undefined ? { state: 'good', asOfMs: Date.parse(asOf) } : { state: 'revoked', spenderTxid };
  }
}

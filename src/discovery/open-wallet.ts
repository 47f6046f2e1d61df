import { HTTPWalletJSON } from '@bsv/sdk';
import { limits } from '#atomic-core';
import type { HttpClient } from '#ports';

/** Some wallets ask their owner. */
const EXCHANGE_MS = 30_000;
/** A BEEF as a JSON list of numbers, and what stands around it. */
const ANSWER_BYTES_MAX = 4 * limits.BEEF_BYTES_MAX + 65_536;
const REASON_CHARACTERS_MAX = 200;

/** The operator's BRC-100 wallet, reached as everything outside is. `originator` is the name that it knows us by. */
export function openWallet(http: HttpClient, url: string, originator: string, stop: AbortSignal): HTTPWalletJSON {
  const ask: typeof fetch = async (asked, init) => {
    const { status, body } = await http.send(
      {
        ...{ method: 'POST', url: asked instanceof Request ? asked.url : String(asked) },
        headers: Object.fromEntries(new Headers(init?.headers)),
        ...(typeof init?.body === 'string' && { body: init.body }),
        ...{ timeoutMs: EXCHANGE_MS, answerBytesMax: ANSWER_BYTES_MAX },
      },
      stop,
    );
    // The SDK's error would repeat the whole question, with its BEEF, in our log.
    if (status !== 200)
      throw new Error(`the wallet answered ${status}: ${body.toString('utf8').slice(0, REASON_CHARACTERS_MAX)}`);
    return new Response(Uint8Array.from(body), { status });
  };
  return new HTTPWalletJSON(originator, url, ask);
}

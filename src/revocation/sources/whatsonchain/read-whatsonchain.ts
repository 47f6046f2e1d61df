import type { HttpClient } from '#ports';

const TIMEOUT_MS = 5_000;

export interface WhatsOnChainRevocationConfig {
  readonly url: string;
  readonly apiKey?: string | undefined;
}

interface Reading {
  readonly path: string;
  readonly answerBytesMax: number;
  readonly signal: AbortSignal;
}

/** With its path: two at one host are two, and what one brings falsely is no lie of the other. */
export const nameWhatsOnChain = ({ url }: WhatsOnChainRevocationConfig): string => {
  const { host, pathname } = new URL(url);
  return `whatsonchain ${host}${pathname === '/' ? '' : pathname}`;
};

/** The text of an answer; undefined for 404. */
export const readWhatsOnChain = async (
  http: HttpClient,
  { url, apiKey }: WhatsOnChainRevocationConfig,
  { path, answerBytesMax, signal }: Reading,
): Promise<string | undefined> => {
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: apiKey };
  const request = { method: 'GET' as const, url: `${url}${path}`, headers, timeoutMs: TIMEOUT_MS, answerBytesMax };
  const answer = await http.send(request, signal);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  return answer.body.toString('utf8');
};

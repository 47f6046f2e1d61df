import type { HttpClient, RevocationSource } from '#ports';
import type { Config } from '../config';
import { createWhatsOnChainRevocationSource } from './sources/whatsonchain';

/** One source per configured entry. The development network answers as WhatsOnChain does, under its own path. */
export const createSources = (
  http: HttpClient,
  { revocationSources }: Pick<Config, 'revocationSources'>,
): RevocationSource[] =>
  revocationSources.map(({ kind, url, apiKey }) =>
    createWhatsOnChainRevocationSource(http, {
      url: kind === 'devnet' ? `${url}/whatsonchain` : url,
      apiKey: apiKey?.reveal(),
    }),
  );

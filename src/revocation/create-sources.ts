import type { HttpClient, RevocationSource } from '#ports';
import type { Config } from '../config';
import { createCertifierRevocationSource } from './sources/certifier';
import { createWhatsOnChainRevocationSource } from './sources/whatsonchain';

/** One source per configured entry. The development network answers as WhatsOnChain does, under its own path. */
export const createSources = (
  http: HttpClient,
  { revocationSources }: Pick<Config, 'revocationSources'>,
): RevocationSource[] =>
  revocationSources.map((setting) =>
    setting.kind === 'certifier'
      ? createCertifierRevocationSource(http, { url: setting.url, certifier: setting.certifier })
      : createWhatsOnChainRevocationSource(http, {
          url: setting.kind === 'devnet' ? `${setting.url}/whatsonchain` : setting.url,
          apiKey: setting.apiKey?.reveal(),
        }),
  );

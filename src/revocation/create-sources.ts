import type { HttpClient, RevocationSource, SpendProofSource } from '#ports';
import type { Config, RevocationSourceSetting } from '../config';
import { createCertifierRevocationSource } from './sources/certifier';
import { createWhatsOnChainProofSource, createWhatsOnChainRevocationSource } from './sources/whatsonchain';

type ChainSetting = Exclude<RevocationSourceSetting, { kind: 'certifier' }>;

/** The development network answers as WhatsOnChain does, under its own path. */
const placeOf = ({ kind, url, apiKey }: ChainSetting): { url: string; apiKey: string | undefined } => ({
  url: kind === 'devnet' ? `${url}/whatsonchain` : url,
  apiKey: apiKey?.reveal(),
});

/** Whose word counts: one source per configured entry, but for those that bring proofs alone. */
export const createSources = (
  http: HttpClient,
  { revocationSources }: Pick<Config, 'revocationSources'>,
): RevocationSource[] =>
  revocationSources.flatMap((setting) => {
    if (setting.kind === 'spend-proof') return [];
    return setting.kind === 'certifier'
      ? createCertifierRevocationSource(http, { url: setting.url, certifier: setting.certifier })
      : createWhatsOnChainRevocationSource(http, placeOf(setting));
  });

/** Who brings the proof that a transaction which somebody named is mined: whoever knows the chain. */
export const createProofSources = (
  http: HttpClient,
  { revocationSources }: Pick<Config, 'revocationSources'>,
): SpendProofSource[] =>
  revocationSources.flatMap((setting) =>
    setting.kind === 'certifier' ? [] : createWhatsOnChainProofSource(http, placeOf(setting)),
  );

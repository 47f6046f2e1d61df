import type { HeaderSource, HttpClient } from '#ports';
import type { Config } from '../config';
import { createBlockHeadersServiceSource } from './sources/block-headers-service';
import { createChaintracksSource } from './sources/chaintracks';
import { createWhatsOnChainSource } from './sources/whatsonchain';

/** One source per configured entry. The development network serves Chaintracks v2 under its own path. */
export const createSources = (http: HttpClient, config: Pick<Config, 'headerSources'>): HeaderSource[] =>
  config.headerSources.map(({ kind, url, apiKey }) => {
    const settings = { url, apiKey: apiKey?.reveal() };
    switch (kind) {
      case 'devnet':
        return createChaintracksSource(http, { ...settings, url: `${url}/chaintracks` });
      case 'chaintracks':
        return createChaintracksSource(http, settings);
      case 'block-headers-service':
        return createBlockHeadersServiceSource(http, settings);
      case 'whatsonchain':
        return createWhatsOnChainSource(http, settings);
    }
  });

import { type Route, json } from './http';
import type { Network } from './network';

/** Of the WhatsOnChain API what says whether an output is spent: the output itself, and its spender. 404 where there is none, as there. */
export const listRevocationRoutes = ({ state }: Network): Route[] => [
  {
    method: 'GET',
    pattern: /^\/whatsonchain\/tx\/([0-9a-f]{64})\/out\/(\d{1,10})\/hex$/,
    run: (_, match) => {
      const coin = state.findCoin(match[1] as string, Number(match[2]));
      return coin === undefined
        ? json(404, 'Not Found')
        : { status: 200, type: 'text/plain', body: coin.lockingScriptHex };
    },
  },
  {
    method: 'GET',
    pattern: /^\/whatsonchain\/tx\/([0-9a-f]{64})\/(\d{1,10})\/spent$/,
    run: (_, match) => {
      const txid = state.findSpender(match[1] as string, Number(match[2]));
      return txid === undefined ? json(404, 'Not Found') : json(200, { txid });
    },
  },
];

import { buildMerklePath } from './block';
import { type Route, json } from './http';
import type { TrackedTransaction } from './chain-state';
import type { Network } from './network';

/** As the Technical Standard for Merkle proofs has it; `*` is a node that is paired with itself. */
const writeTsc = ({ txid, block }: TrackedTransaction): unknown => {
  if (block === undefined) return null;
  const index = block.txids.indexOf(txid);
  const beside = buildMerklePath(block, txid).path.flatMap((level) => level.filter((leaf) => leaf.txid !== true));
  const nodes = beside.map(({ hash, duplicate }) => (duplicate === true ? '*' : hash));
  return [{ index, txOrId: txid, target: block.hash, nodes }];
};

/** Of the WhatsOnChain API what says and proves whether an output is spent: the output itself, its spender, and any transaction with its proof. 404 where there is none, as there. */
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
  {
    method: 'GET',
    pattern: /^\/whatsonchain\/tx\/([0-9a-f]{64})\/hex$/,
    run: (_, match) => {
      const known = state.transactions.get(match[1] as string);
      return known === undefined ? json(404, 'Not Found') : { status: 200, type: 'text/plain', body: known.raw };
    },
  },
  {
    method: 'GET',
    pattern: /^\/whatsonchain\/tx\/([0-9a-f]{64})\/proof\/tsc$/,
    run: (_, match) => {
      const known = state.transactions.get(match[1] as string);
      return known === undefined ? json(404, 'Not Found') : json(200, writeTsc(known));
    },
  },
];

import type { Block } from './block';
import { json, type Answer, type Exchange, type Route } from './http';
import type { Network } from './network';

const HEADERS_MAX = 10_000;

const describeHeader = ({ header, hash, prevHash, height, time }: Block): Record<string, unknown> => ({
  version: header.readUInt32LE(0),
  prevHash,
  merkleRoot: Buffer.from(header.subarray(36, 68)).reverse().toString('hex'),
  creationTimestamp: time,
  difficultyTarget: header.readUInt32LE(72),
  nonce: header.readUInt32LE(76),
  height,
  hash,
});

/** The Chaintracks v2 routes (go-chaintracks `routes/fiber`): JSON for one header, concatenated octets for many. */
export const listHeaderRoutes = (network: Network): Route[] => {
  const { state } = network;
  const one = (block: Block | undefined): Answer =>
    block ? json(200, describeHeader(block)) : json(404, { error: 'Header not found' });
  const many = ({ query }: Exchange): Answer => {
    const height = Number(query.get('height') ?? Number.NaN);
    const count = Number(query.get('count') ?? Number.NaN);
    if (!Number.isSafeInteger(height) || height < 0) return json(400, { error: 'Invalid height parameter' });
    if (!Number.isSafeInteger(count) || count < 0) return json(400, { error: 'Invalid count parameter' });
    const blocks = state.best.slice(height, height + Math.min(count, HEADERS_MAX));
    return { status: 200, type: 'application/octet-stream', body: Buffer.concat(blocks.map(({ header }) => header)) };
  };
  const get = (pattern: RegExp, run: Route['run']): Route => ({ method: 'GET', pattern, fault: 'headers', run });
  return [
    get(/^\/chaintracks\/v2\/network$/, () => json(200, { network: 'devnet' })),
    get(/^\/chaintracks\/v2\/height$/, () => json(200, { height: state.tip.height })),
    get(/^\/chaintracks\/v2\/tip$/, () => one(state.tip)),
    get(/^\/chaintracks\/v2\/header\/height\/(\d{1,9})$/, (_, match) => one(state.best[Number(match[1])])),
    get(/^\/chaintracks\/v2\/header\/hash\/([0-9a-f]{64})$/, (_, match) =>
      one(state.best.find(({ hash }) => hash === match[1])),
    ),
    get(/^\/chaintracks\/v2\/headers$/, many),
  ];
};

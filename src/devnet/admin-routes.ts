import { P2PKH } from '@bsv/sdk';
import type { ArcApi } from './arc-routes';
import type { Callbacks } from './callbacks';
import type { Faucet } from './faucet';
import type { FaultPlan } from './faults';
import { json, type Answer, type Exchange, type Route } from './http';
import { type Network, REORG_DEPTH_MAX, type ReorgFate } from './network';

export interface AdminParts {
  readonly network: Network;
  readonly faucet: Faucet;
  readonly faults: FaultPlan;
  readonly arc: ArcApi;
  readonly callbacks: Callbacks;
}

type Order = Readonly<Record<string, unknown>>;

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;
const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/;
const BLOCKS_MAX = 10_000;
const GRANT_OUTPUTS_MAX = 1000;
const GRANT_SATOSHIS_MAX = 5_000_000_000;

/**
 * A web page whose name was rebound to 127.0.0.1 reaches us from loopback, but it cannot hide its own name: its Host and Origin name it.
 */
const refuseStranger = ({ headers, remoteAddress }: Exchange): Answer | undefined => {
  const { origin } = headers;
  const foreignOrigin = origin !== undefined && !LOOPBACK_HOST.test(origin.replace(/^https?:\/\//, ''));
  if (LOOPBACK_ADDRESS.test(remoteAddress) && LOOPBACK_HOST.test(headers.host ?? '') && !foreignOrigin)
    return undefined;
  return json(403, { status: 403, title: 'Orders are taken from this machine only' });
};

const readWhole = (value: unknown, name: string, max: number, otherwise?: number): number => {
  const whole = value ?? otherwise;
  if (typeof whole === 'number' && Number.isSafeInteger(whole) && whole >= 1 && whole <= max) return whole;
  throw new RangeError(`${name}: a whole number from 1 to ${max}`);
};

const readLockingScript = ({ lockingScript, publicKeyHash, address }: Order): string => {
  if (typeof lockingScript === 'string' && /^([0-9a-f]{2})+$/.test(lockingScript)) return lockingScript;
  if (typeof publicKeyHash === 'string' && /^[0-9a-f]{40}$/.test(publicKeyHash)) {
    return new P2PKH().lock([...Buffer.from(publicKeyHash, 'hex')]).toHex();
  }
  if (typeof address !== 'string') throw new RangeError('one of lockingScript, publicKeyHash (hex) or address');
  try {
    return new P2PKH().lock(address).toHex();
  } catch {
    throw new RangeError('address: not a P2PKH address');
  }
};

const describeTip = ({ state }: Network): Record<string, unknown> => ({
  height: state.tip.height,
  hash: state.tip.hash,
});

const fates: readonly ReorgFate[] = ['include', 'mempool', 'drop'];

const reorganise = ({ network }: AdminParts, order: Order): Record<string, unknown> => {
  const depth = readWhole(order.depth, 'depth', REORG_DEPTH_MAX);
  const fate = fates.find((known) => known === (order.transactions ?? 'include'));
  if (fate === undefined) throw new RangeError(`transactions: one of ${fates.join(', ')}`);
  return { ...network.reorganise(depth, fate), ...describeTip(network) };
};

const mine = ({ network }: AdminParts, order: Order): Record<string, unknown> => {
  network.mine(readWhole(order.blocks, 'blocks', BLOCKS_MAX, 1));
  return describeTip(network);
};

const rejectTransaction = ({ network }: AdminParts, order: Order): Record<string, unknown> => {
  const reason = typeof order.reason === 'string' ? order.reason : 'rejected by order';
  if (!network.reject(String(order.txid), reason, true))
    throw new RangeError('txid: not an unmined transaction of this network');
  return { txid: order.txid, txStatus: 'REJECTED' };
};

const describeState = ({ network, faults, arc, callbacks }: AdminParts): Record<string, unknown> => ({
  ...describeTip(network),
  mempool: network.state.listMempool().map(({ txid }) => txid),
  arrivals: arc.arrivals,
  callbacks: callbacks.attempts,
  faults: faults.list(),
});

const readOrder = ({ body }: Exchange): unknown => {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new RangeError('the order is not JSON');
  }
};

export const listAdminRoutes = (parts: AdminParts): Route[] => {
  const { faults, faucet } = parts;
  const route = (method: string, path: string, act: (order: Order) => unknown): Route => ({
    method,
    pattern: new RegExp(`^/admin/${path}$`),
    async run(exchange) {
      const refusal = refuseStranger(exchange);
      if (refusal) return refusal;
      try {
        return json(200, await act((readOrder(exchange) ?? {}) as Order));
      } catch (cause) {
        if (cause instanceof RangeError) return json(400, { status: 400, title: 'Bad order', detail: cause.message });
        throw cause;
      }
    },
  });
  return [
    route('POST', 'fund', (order) =>
      faucet.fund(
        readLockingScript(order),
        readWhole(order.satoshis, 'satoshis', GRANT_SATOSHIS_MAX),
        readWhole(order.count, 'count', GRANT_OUTPUTS_MAX, 1),
      ),
    ),
    route('POST', 'mine', (order) => mine(parts, order)),
    route('POST', 'reorg', (order) => reorganise(parts, order)),
    route('POST', 'reject', (order) => rejectTransaction(parts, order)),
    route('GET', 'faults', () => faults.list()),
    route('POST', 'faults', (order) => (faults.order(order), faults.list())),
    route('DELETE', 'faults', () => (faults.clear(), faults.list())),
    route('GET', 'state', () => describeState(parts)),
  ];
};

import { type GatewayRig, openGateway } from '../../contract/gateway-rig';
import type { RawAnswer } from '../../contract/raw-caller';
import { type StockRig, type Target, openStock } from './stock-rig';

export interface Rivals {
  readonly gateway: GatewayRig;
  readonly stock: StockRig;
  stop(): Promise<void>;
}

/** This gateway and the stock middleware: every attack of this folder is one piece of code, tried on both. */
export const openRivals = async (): Promise<Rivals> => {
  const [gateway, stock] = [await openGateway(), await openStock()];
  return {
    gateway,
    stock,
    stop: async () => {
      await stock.stop();
      await gateway.stop();
    },
  };
};

/** Of the stock middleware: long enough for an answer, short enough to show that none comes. */
export const HANGS_MS = 1_500;

export type Outcome = { readonly status: number; readonly code?: string } | 'no answer';

/** Ours always answers, if only the machine has time. */
const ANSWERS_MS = 20_000;

/** What came back; `send` is given the signal that ends the waiting. */
export const outcomeOf = async (
  target: Target,
  send: (signal: AbortSignal) => Promise<RawAnswer>,
): Promise<Outcome> => {
  const signal = AbortSignal.timeout('sessions' in target ? HANGS_MS : ANSWERS_MS);
  try {
    const { status, code } = await send(signal);
    return code === undefined ? { status } : { status, code };
  } catch (error) {
    if (signal.aborted) return 'no answer';
    throw error;
  }
};

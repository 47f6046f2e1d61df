import type { AddressInfo } from 'node:net';
import { listAdminRoutes } from './admin-routes';
import { ArcApi } from './arc-routes';
import { Callbacks } from './callbacks';
import { Faucet } from './faucet';
import { FaultPlan } from './faults';
import { listHeaderRoutes } from './header-routes';
import { listRevocationRoutes } from './revocation-routes';
import { DevnetServer } from './http';
import { Network } from './network';
import { listPageRoutes } from './status-page';

export interface DevnetOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** The chain is kept here and continued at the next start. */
  readonly dataDir: string;
  readonly host?: string;
  /** Mines a block at this interval when set. */
  readonly mineEveryMs?: number;
}

export interface Devnet {
  readonly url: string;
  close(): Promise<void>;
}

const listen = (server: DevnetServer['server'], port: number, host: string): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });

/** Starts the development network. It judges with `@bsv/sdk` alone, so it is a second opinion on what the gateway accepts. */
export const startDevnet = async (options: DevnetOptions): Promise<Devnet> => {
  const network = new Network(options.dataDir);
  const faults = new FaultPlan();
  const callbacks = new Callbacks(network, faults);
  const arc = new ArcApi(network, callbacks);
  const faucet = new Faucet(network);
  const routes = [
    ...listPageRoutes(network),
    ...arc.listRoutes(),
    ...listHeaderRoutes(network),
    ...listRevocationRoutes(network),
    ...listAdminRoutes({ network, faults, callbacks, arc, faucet }),
  ];
  const server = new DevnetServer(routes, faults);
  const host = options.host ?? '127.0.0.1';
  const { port } = await listen(server.server, options.port, host);
  const miner = options.mineEveryMs ? setInterval(() => network.mine(1), options.mineEveryMs) : undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close() {
      clearInterval(miner);
      callbacks.close();
      await server.close();
      network.close();
    },
  };
};

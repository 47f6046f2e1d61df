import type { Config } from '../config';
import type { Log } from '../telemetry';

/** Nobody may take a development network for the real one: it is the first thing that a gateway on it says. */
export function announceNetwork({ network, devnetUrl }: Config, log: Pick<Log, 'write'>): void {
  if (network !== 'devnet') return;
  log.write('warn', 'this gateway uses a development network: its coins are worth nothing; not for production', {
    network,
    devnetUrl,
  });
}

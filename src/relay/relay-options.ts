import type { ChainTracker } from '#ports';
import type { Config } from '../config';
import type { NotificationListener } from '../database';
import type { WakeQueueOptions } from './wake-queue';

/** Token of the RelayOptions of this process. */
export const RELAY_OPTIONS = Symbol('RELAY_OPTIONS');

export interface RelayOptions extends Omit<WakeQueueOptions, 'onError'> {
  readonly chainTracker: Pick<ChainTracker, 'findTip'>;
  readonly notifications: Pick<NotificationListener, 'subscribe'>;
  readonly finalDepth: number;
  /** How long a stop lets work under way go on before it is cut off and given back. */
  readonly drainMs: number;
}

export const readRelayOptions = (
  config: Config,
  chainTracker: ChainTracker,
  notifications: NotificationListener,
): RelayOptions => {
  const databaseUrl = config.databaseUrl?.reveal();
  if (databaseUrl === undefined) throw new Error('the configuration has no database URL');
  return {
    databaseUrl,
    migrationUrl: config.databaseMigrationUrl?.reveal() ?? databaseUrl,
    redisUrl: config.redisUrl?.reveal(),
    chainTracker,
    notifications,
    finalDepth: config.finalDepth,
    // Half the time of the stop for work under way, the rest for giving rows back and closing.
    drainMs: config.shutdownTimeoutMs / 2,
  };
};

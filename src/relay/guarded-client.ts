import { Client, type ClientConfig } from 'pg';

/**
 * For pools of others. A connection that is lost between two questions of a transaction has nobody to tell, and an error event that nobody listens to ends the
 * process (BullMQ 5: a database that was restarted took the relay with it). Whoever asks next on the connection is told.
 */
export class GuardedClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

import type { Config } from '../../config';

/** A notice waits for its turn up to four time limits of the hosted service and has one of its own. */
const LIMITS = 6;
/** For what is read and written around it. */
const MARGIN_MS = 5_000;

/** How long a process that died goes on holding the feeds of its lookup services: longer than any single notice takes. */
export const leaseMsOf = ({ topicTimeoutMs }: Pick<Config, 'topicTimeoutMs'>): number =>
  LIMITS * topicTimeoutMs + MARGIN_MS;

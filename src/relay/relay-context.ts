import type { DataSource } from 'typeorm';
import type { Broadcaster } from '#ports';
import type { Log, Metrics } from '../telemetry';

/** What every handler works with. `stopping` aborts what is under way when a stop takes too long; the row is then given back. */
export interface RelayContext {
  readonly database: DataSource;
  readonly broadcaster: Broadcaster;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'countSettlement'>;
  readonly pollMs: number;
  readonly stopping: AbortSignal;
}

/** What becomes of an outbox row after it was worked on. */
export type RowOutcome =
  | { readonly kind: 'done'; readonly pollProof: boolean }
  /** Nothing is wrong; look again when the network has had time. */
  | { readonly kind: 'poll'; readonly reason: string }
  /** Something failed; try again with backoff, and park after too many attempts. */
  | { readonly kind: 'retry'; readonly reason: string }
  | { readonly kind: 'park'; readonly reason: string }
  /** The transition is retracted and this row went with it. */
  | { readonly kind: 'cancelled' };

export const done: RowOutcome = { kind: 'done', pollProof: false };

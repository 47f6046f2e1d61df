import { Injectable } from '@nestjs/common';
import { RejectionError } from '../ingress';

/** strangers: less than a second of signatures to check. Who comes after them is told to come again, which costs a fraction of that. */
export const STRANGERS_WAITING_MAX = 1_000;

/**
 * Those who have not proven anything yet are heard one for each turn of the event loop, in the order in which they came: a crowd of them keeps a caller who
 * is known, or an answer of the database, waiting for one signature and not for all of theirs (defect A6 made each dearer than the one before).
 */
@Injectable()
export class StrangerTurns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is their turn; refuses, by throwing, when too many wait. */
  take(): Promise<void> {
    if (this.#waiting.length >= STRANGERS_WAITING_MAX) {
      const detail = 'Too many who are not known here yet are waiting.';
      throw new RejectionError({ code: 'rate-limited', detail }, { retryAfterSeconds: 1 });
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#proceed);
    });
  }

  readonly #proceed = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#proceed);
  };
}

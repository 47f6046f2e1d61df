/** So long a row may be due, tick after tick, before the queue is taken to have lost it. */
const OVERLOOKED_MS = 3_000;
/** Rows worked here at once. Few: behind a backlog rows are due for long, and nobody has lost them. */
const AT_ONCE_MAX = 4;

/**
 * Rows that stay due although they were woken. A worker that ended just after it had taken a job keeps the name of that job in the queue, so that no new one is
 * taken for its row until the queue finds out, a quarter of a minute later or never. Such a row is worked here, without the queue: whoever else may be
 * at it, the lease decides.
 */
export class OverlookedRows {
  readonly #dueSince = new Map<string, number>();
  readonly #working = new Map<string, Promise<void>>();

  constructor(private readonly work: (id: string) => Promise<void>) {}

  /** For each tick, with all the rows that are due in it, oldest first. */
  look(due: readonly string[], nowMs = performance.now()): void {
    const still = new Set(due);
    for (const id of this.#dueSince.keys()) if (!still.has(id)) this.#dueSince.delete(id);
    for (const id of due) {
      const since = this.#dueSince.get(id);
      if (since === undefined) this.#dueSince.set(id, nowMs);
      else if (nowMs - since >= OVERLOOKED_MS) this.#take(id);
    }
  }

  /** When what is being worked has ended. */
  async finish(): Promise<void> {
    await Promise.allSettled(this.#working.values());
  }

  #take(id: string): void {
    if (this.#working.size >= AT_ONCE_MAX || this.#working.has(id)) return;
    this.#dueSince.delete(id);
    // A row that fails says so itself; a database that is away fails the tick too, and that is told.
    const working = this.work(id)
      .catch(() => undefined)
      .finally(() => this.#working.delete(id));
    this.#working.set(id, working);
  }
}

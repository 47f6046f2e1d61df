import type { TopicEvent } from '#ledger';

type Read = (topic: string, after: number) => Promise<readonly TopicEvent[]>;

/**
 * Reads pages for many subscribers: those who stand at one place share one read, and few reads run at once, so that subscribers who catch up never
 * take the database from those who submit.
 */
export class EventPages {
  readonly #shared = new Map<string, Promise<readonly TopicEvent[]>>();
  readonly #line: (() => void)[] = [];
  #running = 0;

  constructor(
    private readonly readPage: Read,
    private readonly readsMax: number,
  ) {}

  read(topic: string, after: number): Promise<readonly TopicEvent[]> {
    const place = `${after} ${topic}`;
    const shared = this.#shared.get(place);
    if (shared !== undefined) return shared;
    const read = this.#inTurn(topic, after).finally(() => {
      if (this.#shared.get(place) === read) this.#shared.delete(place);
    });
    this.#shared.set(place, read);
    return read;
  }

  /** Something was committed: a read that began before may not have seen it, so nobody joins it from now on. */
  renew(): void {
    this.#shared.clear();
  }

  async #inTurn(topic: string, after: number): Promise<readonly TopicEvent[]> {
    if (this.#running >= this.readsMax) await new Promise<void>((turn) => this.#line.push(turn));
    else this.#running += 1;
    try {
      return await this.readPage(topic, after);
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

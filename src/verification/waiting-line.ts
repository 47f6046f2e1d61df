/** `bulk` is one of many that one caller handed over together; it gives way to those who ask for one answer. */
export type Urgency = 'single' | 'bulk';

interface Waiting<T> {
  readonly item: T;
  readonly patience: NodeJS.Timeout;
}

/** So many of the singles that wait go before one of the bulk: enough that a single never notices, and the bulk still moves under any load. */
const SINGLES_BEFORE_BULK = 8;

/** Two lines before one counter: who asks for one answer goes first, who asks for a thousand is never forgotten. Each has its own length, so that neither fills the other's. */
export class WaitingLine<T> {
  private readonly single: Waiting<T>[] = [];
  private readonly bulk: Waiting<T>[] = [];
  private singlesInARow = 0;

  constructor(private readonly lengthMax: number) {}

  get length(): number {
    return this.single.length + this.bulk.length;
  }

  /** False where the line is full. `onEnd` is called when the patience ends before the turn comes. */
  enter(item: T, urgency: Urgency, { patienceMs, onEnd }: { patienceMs: number; onEnd: () => void }): boolean {
    const line = this[urgency];
    if (line.length >= this.lengthMax) return false;
    const patience = setTimeout(() => {
      line.splice(line.indexOf(waiting), 1);
      onEnd();
    }, patienceMs);
    const waiting: Waiting<T> = { item, patience };
    line.push(waiting);
    return true;
  }

  next(): T | undefined {
    const bulkIsDue = this.bulk.length > 0 && (this.single.length === 0 || this.singlesInARow >= SINGLES_BEFORE_BULK);
    this.singlesInARow = bulkIsDue || this.bulk.length === 0 ? 0 : this.singlesInARow + 1;
    const waiting = (bulkIsDue ? this.bulk : this.single).shift();
    clearTimeout(waiting?.patience);
    return waiting?.item;
  }

  clear(): T[] {
    const items: T[] = [];
    for (const { item, patience } of [...this.single.splice(0), ...this.bulk.splice(0)]) {
      clearTimeout(patience);
      items.push(item);
    }
    return items;
  }
}

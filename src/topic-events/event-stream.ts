import { Readable } from 'node:stream';
import type { TopicEvent } from '#ledger';
import type { EventFormat } from './write-event';

export interface EventStreamSource {
  readonly topic: string;
  /** Events after this position; -1 from the first. */
  readonly after: number;
  readPage(topic: string, after: number): Promise<readonly TopicEvent[]>;
  /** How it is told. */
  readonly format: EventFormat;
}

/** Why a stream ends: `going` asks the subscriber to resume, here or elsewhere; `over` says that it may not go on. */
export interface StreamEnding {
  readonly kind: 'going' | 'over';
  readonly reason: string;
}

/**
 * One subscriber. Events are read a page at a time, and only when the socket has taken the page before: a slow reader holds one page and no more. A
 * page is what is committed after the last position, so whatever wakes the stream, or fails to, it tells each event once and in order.
 */
export class EventStream extends Readable {
  readonly topic: string;
  /** Said once, before the last of the stream is told; with it comes the event `ending`. */
  ending: StreamEnding | undefined;
  #after: number;
  /** Read and not yet told. */
  #page: readonly TopicEvent[] = [];
  #told = 0;
  /** The socket has room. */
  #wanted = false;
  /** There may be events after `#after`. */
  #due = true;
  #reading = false;

  constructor(private readonly source: EventStreamSource) {
    // Messages are told one by one; of frames it does not matter where one ends.
    super(source.format.isOfMessages ? { objectMode: true, highWaterMark: 1 } : {});
    this.topic = source.topic;
    this.#after = source.after;
    this.push(source.format.writeReady(source.topic, source.after));
  }

  override _read(): void {
    this.#wanted = true;
    this.#go();
  }

  /** Something was committed, or may have been. */
  wake(): void {
    this.#due = true;
    this.#go();
  }

  /** Shows a reader that keeps up, and what stands between, that the connection lives. One that does not has octets waiting anyway. */
  beat(): void {
    const { writeComment } = this.source.format;
    if (writeComment !== undefined && this.#wanted && !this.#reading) this.#tell(writeComment('alive'));
  }

  /** The subscriber resumes elsewhere, or here again. */
  finish(ending: StreamEnding): void {
    if (this.ending !== undefined || this.destroyed) return;
    this.ending = ending;
    const { writeComment } = this.source.format;
    if (writeComment !== undefined) this.push(writeComment(ending.reason));
    this.push(null);
    this.emit('ending');
  }

  #go(): void {
    if (!this.#wanted || this.#reading || this.ending !== undefined || this.destroyed) return;
    const next = this.#page[this.#told];
    if (next !== undefined) {
      this.#told += 1;
      this.#after = next.position;
      this.#tell(this.source.format.writeEvent(next));
    } else if (this.#due) void this.#readPage();
  }

  async #readPage(): Promise<void> {
    this.#reading = true;
    this.#due = false;
    try {
      this.#page = await this.source.readPage(this.topic, this.#after);
      this.#told = 0;
      // Until a page is empty there may be another.
      this.#due ||= this.#page.length > 0;
    } catch {
      // Told by whoever reads for all. The next wake tries again; the subscriber keeps its place meanwhile.
      this.#reading = false;
      this.#due = true;
      return;
    }
    this.#reading = false;
    this.#go();
  }

  #tell(text: string): void {
    this.#wanted = false;
    this.push(text);
  }
}

import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface BlockRecord {
  readonly header: string;
  readonly coinbase: string;
  /** Without the coinbase. */
  readonly txids: readonly string[];
}

export type JournalRecord =
  | {
      readonly kind: 'blocks';
      readonly depth: number;
      readonly forget: readonly string[];
      readonly blocks: readonly BlockRecord[];
    }
  | {
      readonly kind: 'transaction';
      readonly raw: string;
      readonly status: 'seen' | 'orphan' | 'contested';
      readonly at: string;
    }
  /** `ordered`: by an admin, so sending it again does not revive it. */
  | { readonly kind: 'rejection'; readonly txid: string; readonly reason: string; readonly ordered: boolean }
  | {
      readonly kind: 'callback';
      readonly txid: string;
      readonly url: string;
      readonly token: string;
      readonly full: boolean;
    };

/**
 * One JSON line per fact, appended and never changed. A record is one write, so `kill -9` leaves at most one torn last line, which is cut off at
 * the next start. Not synced to disk: surviving a power cut is not this network's job.
 */
export class Journal {
  readonly #descriptor: number;

  private constructor(
    path: string,
    readonly records: readonly JournalRecord[],
  ) {
    this.#descriptor = openSync(path, 'a', 0o600);
  }

  static open(directory: string): Journal {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, 'chain.jsonl');
    if (!existsSync(path)) appendFileSync(path, '', { mode: 0o600 });
    const text = readFileSync(path);
    const end = text.lastIndexOf(0x0a) + 1;
    if (end < text.length) truncateSync(path, end);
    const lines = text.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    return new Journal(
      path,
      lines.map((line) => JSON.parse(line) as JournalRecord),
    );
  }

  append(record: JournalRecord): void {
    writeSync(this.#descriptor, `${JSON.stringify(record)}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

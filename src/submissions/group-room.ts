import { limits } from '#atomic-core';
import type { CommitInput } from '#ledger';

/** What a COMMIT takes of the group that it goes in. */
export interface GroupShare {
  /** Rows that it writes. */
  readonly rows: number;
  readonly bytes: number;
}

type Written = Pick<CommitInput, 'transactions' | 'spends'> & Partial<Pick<CommitInput, 'topics' | 'baskets'>>;

const sum = <Item>(items: readonly Item[], rowsOf: (item: Item) => number): number =>
  items.reduce((rows, item) => rows + rowsOf(item), 0);

/** Every row, with the keys and tags of outputs: a small transaction may have thousands of them. Before it is planned, what is known of it. */
export const measureShare = ({ transactions, spends, topics = [], baskets }: Written): GroupShare => ({
  rows:
    transactions.length +
    spends.length +
    sum(topics, ({ coins, admit }) => 1 + coins.length + sum(admit, ({ lookupKeys }) => 1 + lookupKeys.length)) +
    sum(baskets?.add ?? [], ({ tags }) => 1 + tags.length),
  bytes: sum(transactions, ({ raw }) => raw.length),
});

/** A group is bounded by its count, its rows and its bytes; one COMMIT alone may exceed the last two. */
export class GroupRoom {
  #commits = 0;
  #rows = 0;
  #bytes = 0;

  /** Whether there was room for it. */
  take({ rows, bytes }: GroupShare): boolean {
    const fits =
      this.#commits < limits.GROUP_COMMITS_MAX &&
      this.#rows + rows <= limits.GROUP_ROWS_MAX &&
      this.#bytes + bytes <= limits.GROUP_BYTES_MAX;
    if (!fits && this.#commits > 0) return false;
    this.#commits += 1;
    this.#rows += rows;
    this.#bytes += bytes;
    return true;
  }
}

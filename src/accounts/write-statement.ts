import type { AccountEntry } from '#ledger';

export type EntryView = Omit<AccountEntry, 'at'> & { readonly at: string };

export const writeEntry = ({ at, ...entry }: AccountEntry): EntryView => ({ ...entry, at: at.toISOString() });

const COLUMNS = [
  ...(['seq', 'at', 'kind', 'satoshis', 'owed', 'balance', 'debt', 'plan', 'method', 'path'] as const),
  ...(['identityKey', 'key', 'auditLeaf'] as const),
];

/** A cell that a spreadsheet would take for a formula gets an apostrophe before it: a path is whatever its caller asked for. */
const writeCell = (value: string | number | null): string => {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

/** RFC 4180: a line of names, and a line for each entry. Amounts are satoshis. */
export const writeStatement = (entries: readonly AccountEntry[]): string =>
  [COLUMNS, ...entries.map(writeEntry).map((entry) => COLUMNS.map((name) => entry[name]))]
    .map((cells) => `${cells.map(writeCell).join(',')}\r\n`)
    .join('');

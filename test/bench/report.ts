import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Machine } from './machine';
import type { Ratio } from './race';

const RESULTS = join(__dirname, 'results');

export const print = (line = ''): void => void process.stdout.write(`${line}\n`);

/** Progress goes where it does not mix with the tables of a run that is redirected to a file. */
export const announce = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

/** Columns as wide as they need to be; the first to the left, numbers to the right. */
export const printTable = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  print();
  print(title);
  print(line(head));
  print(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of rows) print(line(row));
};

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

export const us = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

export const times = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)}x`;

export const spread = ({ low, high }: Ratio): string => `${times(low)}–${times(high)}`;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\(r\)|\(tm\)|@.*$/gu, '')
    .replace(/[^a-z0-9]+/gu, '-')
    .replace(/^-|-$/gu, '');

/** One file for each kind of run, machine and day: a second run of the day replaces the first. */
export const writeResult = (kind: string, machine: Machine, content: object, file?: string): string => {
  const name = `${kind}-${slug(machine.cpu)}-${machine.date.slice(0, 10)}.json`;
  const path = file ?? join(RESULTS, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ kind, machine, ...content }, undefined, 2)}\n`);
  return path;
};

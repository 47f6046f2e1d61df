import { types } from 'node:util';

const CHARS_MAX = 300;

/** The first line of what was thrown, bounded: an extension may throw anything, a getter that throws included. */
export function sayError(error: unknown): string {
  try {
    const isNamed = !types.isNativeError(error) || error.name !== 'Error';
    const text = isNamed ? String(error) : error.message;
    const [line = ''] = text.split('\n', 1);
    return line.length > CHARS_MAX ? `${line.slice(0, CHARS_MAX)}…` : line;
  } catch {
    return 'something that cannot be read';
  }
}

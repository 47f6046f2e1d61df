import type { Readable } from 'node:stream';

const LINE_CHARS_MAX = 1_024;
const LINES_MAX = 100;
const WINDOW_MS = 10_000;

/**
 * What an extension prints becomes lines of our log, in its name. Always read, whatever comes, so that nothing piles up; written so often and no more, so that
 * a topic that prints for each submission does not fill the disk.
 */
export function relayOutput(stream: Readable, write: (line: string) => void): void {
  let rest = '';
  let lines = 0;
  let dropped = 0;
  let windowStart = performance.now();
  const say = (line: string): void => {
    const now = performance.now();
    if (now - windowStart > WINDOW_MS) {
      if (dropped > 0) write(`${dropped} more lines were dropped`);
      [lines, dropped, windowStart] = [0, 0, now];
    }
    lines += 1;
    if (lines > LINES_MAX) dropped += 1;
    else write(line.slice(0, LINE_CHARS_MAX));
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = (parts.pop() ?? '').slice(0, LINE_CHARS_MAX);
    for (const line of parts) if (line.trim() !== '') say(line);
  });
  stream.on('end', () => {
    if (rest.trim() !== '') say(rest);
  });
}

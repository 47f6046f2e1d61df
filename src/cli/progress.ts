import { SingleBar, Presets } from 'cli-progress';

const LINE_EVERY_MS = 2_000;

export interface Progress {
  advance(done: number): void;
  finish(): void;
}

/** Progress of long work on stderr: a bar on a terminal, a line now and then elsewhere. Results alone go to stdout. */
export function showProgress(what: string, total: number): Progress {
  return process.stderr.isTTY ? showBar(what, total) : showLines(what, total);
}

function showBar(what: string, total: number): Progress {
  const bar = new SingleBar(
    { format: `${what} {bar} {percentage}% {value}/{total}`, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return {
    advance: (done) => {
      bar.update(done);
    },
    finish: () => {
      bar.stop();
    },
  };
}

function showLines(what: string, total: number): Progress {
  let shownAt = performance.now();
  const show = (done: number) => {
    shownAt = performance.now();
    process.stderr.write(`${what}: ${String(done)} of ${String(total)}\n`);
  };
  let latest = 0;
  return {
    advance: (done) => {
      latest = done;
      if (performance.now() - shownAt >= LINE_EVERY_MS) show(done);
    },
    finish: () => {
      show(latest);
    },
  };
}

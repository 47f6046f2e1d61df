/** Settles with the reason when the process is asked to end: a signal, or the death of the parent that holds its channel. */
export function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
    process.once('disconnect', () => {
      resolve('the parent process is gone');
    });
  });
}

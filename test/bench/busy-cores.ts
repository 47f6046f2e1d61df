import { cpus } from 'node:os';

/** Milliseconds that all cores of the machine have been at work, whoever for. */
const busyMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);

/** How many cores everybody else kept busy since `start`: beside neighbours two threads are no faster than one, and that says nothing about them. */
export const watchNeighbours = (): (() => number) => {
  const startedAt = performance.now();
  const busyAtStart = busyMs();
  const own = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(own);
    const others = busyMs() - busyAtStart - (user + system) / 1_000;
    return Math.max(0, others / (performance.now() - startedAt));
  };
};

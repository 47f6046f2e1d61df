import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Child {
  readonly origin: string;
  readonly pid: number;
  /** Seconds of CPU that the process and its threads have had; NaN where the system does not say. */
  cpuSeconds(): number;
  close(): Promise<void>;
}

const START_MS_MAX = 60_000;
const TICKS_PER_SECOND = 100;

const readCpu = ({ pid }: ChildProcess): number => {
  try {
    const fields =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
};

/** Starts a process and waits until its output says where it listens. */
export const startChild = async (
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  says: RegExp,
): Promise<Child> => {
  const child = spawn(process.execPath, argv, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let output = '';
  const port = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no start: ${output}`)), START_MS_MAX);
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
      const found = says.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`it ended: ${output}`)));
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    cpuSeconds: () => readCpu(child),
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

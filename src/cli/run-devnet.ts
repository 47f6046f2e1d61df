import { resolve } from 'node:path';
import { startDevnet } from '../devnet';
import { print } from './print';
import { untilStopped } from './until-stopped';

export interface DevnetCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly mineEvery?: number;
  readonly json: boolean;
}

/** Runs the development network until it is stopped, or until the process that started it is gone. */
export async function runDevnet(options: DevnetCommandOptions): Promise<void> {
  const stopped = untilStopped();
  const devnet = await startDevnet({
    port: options.port,
    host: options.host,
    dataDir: resolve(options.dataDir),
    ...(options.mineEvery === undefined ? {} : { mineEveryMs: options.mineEvery }),
  });
  // The gateway that started us waits for this; on its own the line is for people.
  if (process.send === undefined) {
    print({
      json: options.json,
      value: { url: devnet.url },
      lines: [`The development network is ready at ${devnet.url}. Its coins are worth nothing: not for production.`],
    });
  } else {
    process.send({ url: devnet.url });
  }
  await stopped;
  await devnet.close();
}

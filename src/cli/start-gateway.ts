import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { arcUrlOf, attachDevnet, Secret, type Config } from '../config';
import { migrateDatabase, startEmbeddedPostgres } from '../database';
import { claimFolder } from '../database/embedded/claim-folder';
import type { GivenSetupLink } from '../people';
import { startDevnetChild } from './start-devnet-child';

export interface RunningGateway {
  readonly url: string;
  /** Where the metrics are really served: the setting may have left the port to the system. */
  readonly metricsUrl: string;
  readonly config: Config;
  /** By which the first person comes in; undefined where this process answers nobody. */
  readonly setup: GivenSetupLink | undefined;
  /** Settles with the reason when a part that we cannot do without has ended by itself. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

type Step = () => Promise<void> | void;

/** Starts what the configuration wants, innermost part first; a failure half-way stops what already runs. */
export async function startGateway(configured: Config, signal: AbortSignal): Promise<RunningGateway> {
  refuseUnfit(configured);
  await refuseLesserCrypto(configured);
  const steps: Step[] = [];
  const ends: Promise<string>[] = [];
  // Each part is stopped after everything that was started on top of it.
  const stop = async (): Promise<void> => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
  };
  try {
    const config = await startParts(configured, steps, ends);
    signal.throwIfAborted();
    await migrateDatabase(config);
    signal.throwIfAborted();
    const app = await openApplication(config, steps);
    const metricsUrl = await findMetricsUrl(app, config);
    const broken = Promise.race([...ends, new Promise<never>(() => {})]);
    const setup = config.role === 'relay' ? undefined : await giveSetup(app);
    return { url: await findUrl(app, config), metricsUrl, config, setup, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * What would stop the application later stops it before a database is started. A gateway without a header source is let through: it works on what
 * `headers import` gave it and gives it while it runs, and its readiness says when that is too old.
 */
function refuseUnfit(config: Config): void {
  // The development network brings its own broadcaster.
  if (config.role !== 'api' && config.network !== 'devnet') arcUrlOf(config);
}

/** Loaded late, like the application that it would come with. */
async function refuseLesserCrypto({ cryptoRequired }: Config): Promise<void> {
  if (cryptoRequired === 'any') return;
  const { requireCrypto } = await import('../verification/require-crypto.js');
  requireCrypto(cryptoRequired);
}

async function startParts(config: Config, steps: Step[], ends: Promise<string>[]): Promise<Config> {
  const runsDevnet = config.network === 'devnet' && config.devnetUrl === undefined;
  let ready = config;
  if (config.databaseUrl === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir });
    steps.push(() => postgres.stop());
    ends.push(postgres.ended);
    ready = Object.freeze({ ...ready, databaseUrl: new Secret(postgres.url) });
  } else if (runsDevnet) {
    // The chain of the development network has one writer, like the embedded database.
    const claim = claimFolder(config.dataDir);
    steps.push(() => {
      claim.release();
    });
  }
  if (runsDevnet) {
    const devnet = await startDevnetChild(config);
    steps.push(() => devnet.stop());
    ends.push(devnet.ended);
    ready = attachDevnet(ready, devnet.url);
  }
  return ready;
}

async function openApplication(config: Config, steps: Step[]): Promise<NestFastifyApplication> {
  // Loaded late: a refused configuration or a busy folder is answered without loading the whole application.
  const { createApplication } = await import('../application.js');
  const app = await createApplication(config);
  steps.push(() => closeWithin(app, config.shutdownTimeoutMs));
  await app.listen({ port: config.port, host: config.host });
  return app;
}

/** Loaded late, like the application that has loaded it by now. */
async function findMetricsUrl(app: NestFastifyApplication, { metricsHost, metricsPort }: Config): Promise<string> {
  const { MetricsServer } = await import('../telemetry/index.js');
  return `http://${metricsHost}:${String(app.get(MetricsServer).port ?? metricsPort)}/metrics`;
}

/** Nest knows of TLS only what it set up itself. */
async function findUrl(app: NestFastifyApplication, { tlsCert }: Config): Promise<string> {
  const url = await app.getUrl();
  return tlsCert === undefined ? url : url.replace(/^http:/u, 'https:');
}

/** Once it listens: the link says where. */
async function giveSetup(app: NestFastifyApplication): Promise<GivenSetupLink> {
  const { Setups } = await import('../people/index.js');
  return app.get(Setups).give();
}

/** Requests in flight may finish; whoever is still there at the deadline is cut off, and the parts below still stop cleanly. */
async function closeWithin(app: NestFastifyApplication, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      process.stderr.write(`portcullis: open requests were cut off after ${String(timeoutMs)} ms\n`);
      resolve();
    }, timeoutMs);
  });
  await Promise.race([app.close(), deadline]);
  clearTimeout(timer);
}

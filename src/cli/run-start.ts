import { readConfig, redactConfig } from '../config';
import { CommandError, exitCodes } from './exit-codes';
import { print } from './print';
import { sentenceOf } from './run-setup-link';
import { startGateway, type RunningGateway } from './start-gateway';
import { untilStopped } from './until-stopped';

/** Runs the gateway until it is asked to stop; ends with an error when a part of it broke. */
export async function runStart(options: { json: boolean }): Promise<void> {
  const startedAt = performance.now();
  const config = readConfig();
  const abort = new AbortController();
  const stopped = untilStopped().then((reason) => {
    abort.abort(new CommandError(exitCodes.done, `Stopped by ${reason} while starting.`));
    return reason;
  });
  process.stderr.write(`portcullis: configuration ${JSON.stringify(redactConfig(config))}\n`);
  const gateway = await startGateway(config, abort.signal);
  announce(gateway, options.json, performance.now() - startedAt);
  const broken = gateway.broken.then((reason) => new CommandError(exitCodes.fault, reason));
  const outcome = await Promise.race([stopped, broken]);
  if (typeof outcome === 'string') process.stderr.write(`portcullis: stopping (${outcome})\n`);
  await gateway.stop();
  if (outcome instanceof CommandError) throw outcome;
}

function announce(gateway: RunningGateway, json: boolean, elapsedMs: number): void {
  const urls = listUrls(gateway);
  const places = Object.entries(urls).map(([name, url]) => `  ${name.padEnd(8)} ${url}`);
  const seconds = (elapsedMs / 1_000).toFixed(1);
  const { setup } = gateway;
  const isGiven = setup?.kind === 'given';
  if (setup?.kind === 'in-force' || setup?.kind === 'unsafe')
    process.stderr.write(`portcullis: ${sentenceOf(setup)}\n`);
  print({
    json,
    value: { ready: true, ...urls, ...(isGiven ? { setup: setup.url } : {}) },
    lines: [
      `Portcullis is ready (${seconds} s)`,
      ...places,
      ...(isGiven
        ? [`  setup    ${setup.url}`, '           (once, within 30 minutes: whoever opens it becomes the owner)']
        : []),
    ],
  });
}

function listUrls({ url, metricsUrl, config }: RunningGateway): Record<string, string> {
  const { network, devnetUrl } = config;
  return {
    api: url,
    docs: `${url}/docs`,
    metrics: metricsUrl,
    ...(network === 'devnet' && devnetUrl !== undefined ? { devnet: devnetUrl } : {}),
  };
}

import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { certificateSettings } from './certificate-settings';
import { certifierSettings } from './certifier-settings';
import {
  described,
  httpUrl,
  milliseconds,
  port,
  secret,
  structured,
  text,
  wholeNumber,
  type FieldNotes,
} from './fields';
import { keySettings } from './key-settings';
import { overlaySettings } from './overlay-settings';
import { paymentSettings } from './payment-settings';
import { peopleSettings } from './people-settings';
import { planSettings } from './plan-settings';
import { policySettings } from './policy-settings';
import { Secret } from './secret';
import { trustSettings } from './trust-settings';

const postgresUrl = () =>
  text()
    .regex(/^postgres(ql)?:\/\//u, 'must be a postgresql:// URL')
    .transform((value) => new Secret(value));

const price = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().regex(/^\/(?:v1\/|submit$|lookup$)/u, 'must start with /v1/, or be /submit or /lookup'),
  satoshis: wholeNumber(0, 21e14),
});

const headerSource = z.strictObject({
  kind: z.enum(['devnet', 'chaintracks', 'block-headers-service', 'whatsonchain']),
  url: httpUrl(),
  apiKey: secret().optional(),
});

/** Every setting, once. The README table, the redaction and the boot check are all read from here. */
export const settingsSchema = z.strictObject({
  profile: described(
    z.enum(['development', 'production']).default('development'),
    '`development` or `production`; production refuses the development network and a generated identity key',
  ),
  role: described(
    z.enum(['all', 'api', 'relay']).default('all'),
    '`api` answers requests, `relay` works off the outbox and follows the chain, `all` does both',
  ),
  host: described(text().default('127.0.0.1'), 'Address that the API listens on'),
  port: described(port().default(8080), 'Port of the API; 0 takes a free one'),
  metricsHost: described(text().default('127.0.0.1'), 'Address that the metrics listen on'),
  metricsPort: described(port().default(9464), 'Port of the Prometheus metrics; 0 takes a free one'),
  publicUrl: described(httpUrl().optional(), 'URL under which the outside reaches this gateway, for callbacks'),
  dataDir: described(text().default('./data'), 'Folder of everything this gateway keeps on disk'),
  databaseUrl: described(
    postgresUrl().optional(),
    'External PostgreSQL >= 15',
    'embedded PostgreSQL in the data folder',
  ),
  databaseMigrationUrl: described(
    postgresUrl().optional(),
    'Connection of a role that may change the schema',
    'the database URL',
  ),
  databasePoolMax: described(wholeNumber(2, 200).default(20), 'Database connections of one process'),
  redisUrl: described(
    text()
      .regex(/^rediss?:\/\//u, 'must be a redis:// URL')
      .transform((value) => new Secret(value))
      .optional(),
    'Redis that wakes the relay',
    'the queue lives in PostgreSQL',
  ),
  network: described(z.enum(['devnet', 'testnet', 'mainnet']).default('devnet'), 'Which chain this gateway is on'),
  devnetUrl: described(httpUrl().optional(), 'A development network that runs already', '`start` runs its own'),
  devnetPort: described(port().default(8090), 'Port of the development network that `start` runs; 0 takes a free one'),
  ...keySettings,
  prices: described(
    structured(z.array(price).max(256)).optional(),
    'JSON: list of `{method, path, satoshis}`; `*` in a path stands for one segment; unlisted routes are free',
    '`POST /v1/submissions` costs 200 on the development network, else free',
  ),
  quoteTtlMs: described(milliseconds(1_000, 86_400_000).default(300_000), 'How long a payment quote stays open'),
  sessionTtlMs: described(
    milliseconds(1_000, 604_800_000).default(3_600_000),
    'How long an authenticated session lasts',
  ),
  arcUrl: described(httpUrl().optional(), 'ARC broadcaster, the part before `/v1`', "the development network's"),
  arcApiKey: described(secret().optional(), 'Bearer key sent to ARC'),
  callbackToken: described(
    text()
      .min(16)
      .transform((value) => new Secret(value))
      .optional(),
    'Bearer token that ARC callbacks must carry',
    'derived from the identity key',
  ),
  finalDepth: described(wholeNumber(1, 1_000).default(6), 'Blocks on top of a proof before a settlement is final'),
  headerSources: described(
    structured(z.array(headerSource).max(16)).optional(),
    'JSON: list of `{kind, url, apiKey?}`, kind `chaintracks`, `block-headers-service`, `whatsonchain` or `devnet`',
    "the development network's",
  ),
  checkpoint: described(
    z
      .string()
      .regex(/^\d{1,9}:[0-9a-f]{64}$/u, 'must be height:hash')
      .optional(),
    'Trusted block `height:hash` from which headers are followed',
    'genesis',
  ),
  verificationWorkers: described(
    wholeNumber(1, 256).default(() => Math.max(1, availableParallelism() - 1)),
    'Worker threads that verify transactions',
    'cores − 1, at least 1',
  ),
  verificationQueueMax: described(wholeNumber(1, 10_000).default(64), 'Verifications that may wait for a worker'),
  verificationTimeoutMs: described(milliseconds(100, 120_000).default(10_000), 'Time limit of one verification'),
  scriptVerdictsMemoryMax: described(
    wholeNumber(0, 10_000_000).default(100_000),
    'Transactions whose scripts are known to hold, remembered by one process; 0 remembers none',
  ),
  scriptVerdictsStoredMax: described(
    wholeNumber(0, 2_000_000).default(500_000),
    'The same in the database, for all processes and over restarts (some 200 bytes each); 0 stores none',
  ),
  cryptoRequired: described(
    z.enum(['any', 'native']).optional(),
    '`native` refuses to start where verification is not native (`npm run build:metal`); `any` takes the best there is, down to WebAssembly and `@bsv/sdk`',
    '`native` in production, else `any`',
  ),
  workerMemoryMb: described(wholeNumber(32, 4_096).default(128), 'Memory limit of one worker thread'),
  bodyBytesMax: described(wholeNumber(1_024, 268_435_456).default(4 * 1_048_576), 'Largest request body'),
  bulkBodyBytesMax: described(
    wholeNumber(1_024, 134_217_728).default(32 * 1_048_576),
    'Largest body of a batch; each of its lines is bounded as a request body of its own',
  ),
  addressRequestsPerSecond: described(
    wholeNumber(1, 1_000_000).default(2_000),
    'Requests a second from one address (IPv6: one /64) to all replicas together, twice that at once',
  ),
  identityRequestsPerSecond: described(
    wholeNumber(1, 1_000_000).default(1_000),
    'Authenticated requests a second of one identity to all replicas together, twice that at once',
  ),
  maxHeaderBytes: described(wholeNumber(8_192, 1_048_576).default(98_304), 'Largest set of request headers'),
  logLevel: described(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    'Least severe log line that is written',
  ),
  otlpUrl: described(httpUrl().optional(), 'OpenTelemetry collector (OTLP over HTTP) for traces', 'no traces are sent'),
  shutdownTimeoutMs: described(milliseconds(100, 300_000).default(10_000), 'Time that a stop may take'),
  egressPrivateHosts: described(
    structured(z.array(z.string().regex(/^[^\s/:]+:\d{1,5}$/u, 'must be host:port')).max(64)).default([]),
    'JSON: list of `host:port` whose names may resolve to private addresses; literal private addresses in other settings need no entry',
  ),
  relayPollMs: described(milliseconds(50, 60_000).default(1_000), 'Pause between two looks at the outbox'),
  ...overlaySettings,
  ...paymentSettings,
  ...planSettings,
  ...certificateSettings,
  ...policySettings,
  ...certifierSettings,
  ...trustSettings,
  ...peopleSettings,
});

export type SettingsInput = z.input<typeof settingsSchema>;
export type Settings = z.output<typeof settingsSchema>;
export type Price = z.output<typeof price>;
export type HeaderSourceSetting = z.output<typeof headerSource>;
export type SettingName = keyof typeof settingsSchema.shape;

export type { FieldNotes };

export const settingNames = Object.keys(settingsSchema.shape) as SettingName[];

export function notesOf(name: SettingName): FieldNotes {
  return settingsSchema.shape[name].meta() as unknown as FieldNotes;
}

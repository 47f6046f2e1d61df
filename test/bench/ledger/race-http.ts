import { Agent, request as openRequest } from 'node:http';
import { join } from 'node:path';
import { ProtoWallet, PrivateKey } from '@bsv/sdk';
import { RawCaller, type RawRequest } from '../../contract/raw-caller';
import { startChild, type Child } from './child';
import { drive, type Pace } from './drive';
import { BENCH_TOPIC } from './open-overlay';
import type { Job } from './work';

export interface HttpPace extends Pace {
  /** Of the server's process alone: PostgreSQL has its own. */
  readonly cpuMs: number;
}

const TOP = join(__dirname, '..', '..', '..');
export const REGISTER = join(TOP, 'ops', 'build', 'register-typescript.cjs');

export const startGateway = (url: string, folder: string): Promise<Child> =>
  startChild(
    [join(TOP, 'dist', 'src', 'main.js'), 'start', '--json'],
    {
      PORTCULLIS_ROLE: 'api',
      PORTCULLIS_DATA_DIR: join(folder, 'gateway'),
      PORTCULLIS_DATABASE_URL: url,
      // Nobody is there: the chain of the bench is in the database.
      PORTCULLIS_DEVNET_URL: 'http://127.0.0.1:9',
      PORTCULLIS_PRICES: '[]',
      PORTCULLIS_PORT: '0',
      PORTCULLIS_METRICS_PORT: '0',
      PORTCULLIS_LOG_LEVEL: 'fatal',
      PORTCULLIS_TOPICS: JSON.stringify([{ name: BENCH_TOPIC, module: join(__dirname, 'bench-topic.cjs') }]),
      PORTCULLIS_OVERLAY_OPEN: '["*"]',
      PORTCULLIS_OVERLAY_REQUESTS_PER_MINUTE: '1000000',
      PORTCULLIS_ADDRESS_REQUESTS_PER_SECOND: '100000',
      PORTCULLIS_IDENTITY_REQUESTS_PER_SECOND: '100000',
    },
    /"api":"http:\/\/127\.0\.0\.1:(\d+)"/u,
  );

export const startOverlay = (url: string, clients: number, root: string): Promise<Child> =>
  startChild(
    ['--require', REGISTER, join(__dirname, 'overlay-server.ts'), url, String(clients), root],
    {},
    /port (\d+)/u,
  );

const send = (agent: Agent, origin: string, { method, url, headers, body }: RawRequest): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = openRequest(`${origin}${url}`, { method, agent, headers: { ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });

const OCTETS = { 'content-type': 'application/octet-stream' };
const TOPICS = JSON.stringify([BENCH_TOPIC]);

/** Signed before the clock starts: what a client costs is not what is measured. */
export const signJobs = async (child: Child, jobs: readonly Pick<Job, 'beef'>[]): Promise<RawRequest[]> => {
  const caller = await RawCaller.open(child.origin, new ProtoWallet(PrivateKey.fromRandom()));
  const signed: RawRequest[] = [];
  for (const { beef } of jobs) {
    const headers = { ...OCTETS, 'x-bsv-topics': TOPICS };
    signed.push(await caller.sign({ method: 'POST', url: '/v1/submissions', headers, body: beef }));
  }
  return signed;
};

export const writeJobs = (jobs: readonly Pick<Job, 'beef'>[]): RawRequest[] =>
  jobs.map(({ beef }) => ({ method: 'POST', url: '/submit', headers: { ...OCTETS, 'x-topics': TOPICS }, body: beef }));

export interface Answered {
  readonly status: number;
  readonly text: string;
}

export interface HttpTiming {
  readonly clients: number;
  /** An answer that is not what was asked for ends the bench: a refusal is faster than what is to be timed. */
  readonly isRight: (answer: Answered) => boolean;
}

export const timeRequests = async (
  child: Child,
  requests: readonly RawRequest[],
  { clients, isRight }: HttpTiming,
): Promise<HttpPace> => {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const before = child.cpuSeconds();
  try {
    const pace = await drive(requests, clients, async (request) => {
      const { status, text } = await send(agent, child.origin, request);
      if (!isRight({ status, text }))
        throw new Error(`The bench was answered ${String(status)}: ${text.slice(0, 300)}`);
    });
    return { ...pace, cpuMs: ((child.cpuSeconds() - before) * 1_000) / requests.length };
  } finally {
    agent.destroy();
  }
};

/** Every submission is applied, with both outputs admitted. */
export const paceHttp = (child: Child, requests: readonly RawRequest[], clients: number): Promise<HttpPace> =>
  timeRequests(child, requests, {
    clients,
    isRight: ({ status, text }) => status >= 200 && status <= 299 && text.includes('"outputsToAdmit":[0,1]'),
  });

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { Browser } from './people/browser';
import type { LyingProvider } from './people/lying-provider';
import type { MadeCertificate } from './people/make-certificates';
import { RawCaller } from './raw-caller';

export interface Try {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Outcome {
  readonly status: number;
  /** Of a refusal. */
  readonly code: string | undefined;
  /** Headers and body. */
  readonly text: string;
}

/** Somebody who has nothing to do with the organisation, and how they come in. */
export interface Stranger {
  readonly name: string;
  readonly send: (tried: Try) => Promise<Outcome>;
}

const ROLES = ['owner', 'operator', 'submitter', 'approver', 'auditor', 'connector'] as const;
export const ALL_ROLES: readonly string[] = ROLES;

const keyOf = (place: number): PrivateKey => PrivateKey.fromHex((0xb1 + place).toString(16).repeat(32));
/** One member for each role. */
export const BOLT = ROLES.map((role, place) => ({
  identityKey: keyOf(place).toPublicKey().toString(),
  roles: [role],
}));

const codeOf = (text: string): string | undefined => {
  try {
    return (JSON.parse(text) as { code?: string } | null)?.code;
  } catch {
    return undefined;
  }
};
const outcomeOf = (status: number, headers: unknown, body: Buffer): Outcome => {
  const text = body.toString('utf8');
  return { status, code: codeOf(text), text: `${JSON.stringify(headers)}\n${text}` };
};

const signWith = async (name: string, url: string, key: PrivateKey): Promise<Stranger> => {
  const raw = await RawCaller.open(url, new ProtoWallet(key));
  return {
    name,
    send: async (tried) => {
      const { status, headers, body } = await raw.send(tried);
      return outcomeOf(status, Object.fromEntries(headers), body);
    },
  };
};

/** As whoever this connection and these headers say. */
const sendPlainly =
  (url: string, own: Readonly<Record<string, string>>, tls: Record<string, string> = {}): Stranger['send'] =>
  (tried) =>
    new Promise((resolve, reject) => {
      const request = url.startsWith('https:') ? requestHttps : requestHttp;
      const options = { method: tried.method, headers: { ...tried.headers, ...own }, agent: false, ...tls };
      const outgoing = request(`${url}${tried.url}`, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        answer.on('end', () => resolve(outcomeOf(answer.statusCode ?? 0, answer.headers, Buffer.concat(chunks))));
      });
      outgoing.on('error', reject).end(tried.body);
    });

/** Logged in, as everything that one can be in the other organisation. */
const logIn = async (url: string, provider: LyingProvider): Promise<Stranger> => {
  provider.lie = { claims: { sub: 'zoe', roles: ['bolt-everything'] } };
  const browser = new Browser();
  const began = await browser.send(`${url}/people/login`);
  await browser.send(provider.comeBack(began.headers.location ?? ''));
  const token = browser.jarOf(url).get('portcullis-session') ?? '';
  const own = { cookie: `portcullis-session=${token}`, origin: url, 'portcullis-request': '1' };
  return { name: 'a person of another organisation', send: sendPlainly(url, own) };
};

export interface Doors {
  readonly url: string;
  readonly tlsUrl: string;
  readonly ca: string;
  readonly machine: MadeCertificate;
  readonly provider: LyingProvider;
}

export const openStrangers = async ({ url, tlsUrl, ca, machine, provider }: Doors): Promise<readonly Stranger[]> => [
  ...(await Promise.all(ROLES.map((role, place) => signWith(`${role} of another organisation`, url, keyOf(place))))),
  await signWith('an identity that nobody listed', url, PrivateKey.fromHex('cc'.repeat(32))),
  await logIn(url, provider),
  {
    name: 'a machine of another organisation',
    send: sendPlainly(tlsUrl, {}, { ca, cert: machine.cert, key: machine.key }),
  },
  { name: 'nobody', send: sendPlainly(url, {}) },
];

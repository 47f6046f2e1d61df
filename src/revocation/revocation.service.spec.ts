import { openGatewayKeys, printOutpoint, writeRevocationStatus, writeStatusJson, type GatewayKeys } from '#atomic-core';
import { commitTransition, findRevocation } from '#ledger';
import type { HttpClient, OutboundAnswer, OutboundRequest } from '#ports';
import {
  buildPlainTransaction,
  createTestDatabase,
  planPlainCommit,
  presentPlainCertificate,
  randomOutpoint,
  waitUntil,
  type TestDatabase,
} from '#testkit';
import { ChainTrackerService } from '../chain';
import { parseSettings, resolveConfig } from '../config';
import { Log } from '../telemetry';
import { RevocationService } from './revocation.service';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

/** Answers when it is let go: the output is there and nobody spent it. */
class SlowSource implements HttpClient {
  readonly asked: string[] = [];
  letGo = (): void => undefined;
  private readonly open = new Promise<void>((resolve) => (this.letGo = resolve));

  async send({ url }: OutboundRequest): Promise<OutboundAnswer> {
    this.asked.push(url);
    await this.open;
    const isOutput = url.endsWith('/hex');
    return { status: isOutput ? 200 : 404, headers: {}, body: Buffer.from(isOutput ? '51' : 'Not Found') };
  }
}

const chainSource = { kind: 'whatsonchain', url: 'https://woc.example' };
const open = (http: HttpClient, revocationSources: readonly object[] = [chainSource]): RevocationService => {
  const config = resolveConfig(parseSettings({ identityKey: '11'.repeat(32), revocationSources }));
  const log = new Log({ level: 'silent' });
  return new RevocationService(config, http, database.dataSource, log, new ChainTrackerService(database.dataSource));
};
const question = (vout: number) => ({ txid: 'ab'.repeat(32), vout });

describe('whether certificates are revoked', () => {
  it('is asked once for all who want to know it at the same time, and again for who comes later', async () => {
    const http = new SlowSource();
    const revocations = open(http);
    const answers = [revocations.judge(question(0)), revocations.judge(question(0))];
    await waitUntil('the source is asked', () => http.asked.length === 1);
    http.letGo();
    expect(await Promise.all(answers)).toMatchObject([{ state: 'good' }, { state: 'good' }]);
    expect(http.asked).toHaveLength(2);
    expect(await revocations.judge(question(0))).toMatchObject({ state: 'good' });
    expect(http.asked).toHaveLength(4);
  });

  it('is asked of so many outputs at a time and no more: beyond that it is not known', async () => {
    const http = new SlowSource();
    const revocations = open(http);
    const answers = Array.from({ length: 33 }, (_, vout) => revocations.judge(question(vout)));
    expect(await answers[32]).toMatchObject({ state: 'unknown' });
    http.letGo();
    expect((await Promise.all(answers)).filter(({ state }) => state === 'good')).toHaveLength(32);
  });
});

/** The gateways of certifiers, each with its own word about everything that it is asked; silent where it has none. */
class Certifiers implements HttpClient {
  readonly words = new Map<string, 'good' | 'revoked'>();

  constructor(private readonly keys: ReadonlyMap<string, GatewayKeys>) {}

  speak(host: string, state: 'good' | 'revoked'): this {
    this.words.set(host, state);
    return this;
  }

  send({ url }: OutboundRequest): Promise<OutboundAnswer> {
    const { host, pathname } = new URL(url);
    const [keys, state] = [this.keys.get(host), this.words.get(host)];
    if (keys === undefined || state === undefined) return Promise.reject(new Error('unreachable'));
    const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
    const status = {
      ...{ certifier: keys.identityKey, outpoint: pathname.split('/').at(-1) ?? '', state },
      spenderTxid: state === 'revoked' ? 'cd'.repeat(32) : undefined,
      ...{ asOf: at(-10), issuedAt: at(-5), validUntil: at(60_000) },
    };
    const signature = Buffer.from(keys.signRevocationStatus(writeRevocationStatus(status))).toString('hex');
    const body = Buffer.from(JSON.stringify({ status: writeStatusJson(status), signature }));
    return Promise.resolve({ status: 200, headers: {}, body });
  }
}

describe('an outpoint that certificates of two certifiers name', () => {
  const [a, b] = [openGatewayKeys('11'.repeat(32)), openGatewayKeys('22'.repeat(32))];
  const sources = [
    { kind: 'certifier', url: 'https://a.example', certifier: a.identityKey },
    { kind: 'certifier', url: 'https://b.example', certifier: b.identityKey },
  ];
  /** A certificate of A that is revoked, and B, who vouches for the same outpoint. */
  const arrange = async () => {
    const http = new Certifiers(new Map([['a.example', a] as const, ['b.example', b] as const]));
    http.words.set('a.example', 'revoked').set('b.example', 'good');
    const db = database.dataSource;
    const certificate = await presentPlainCertificate(db, 'good', { certifier: a.identityKey });
    const { revocationOutpoint } = certificate;
    const [txid = '', vout] = printOutpoint(revocationOutpoint).split('.');
    const rely = async (): Promise<string> => {
      const subject = buildPlainTransaction([randomOutpoint()]);
      const done = await commitTransition(db, { ...planPlainCommit({ subject }), relies: [certificate] });
      return done.ok ? done.value.kind : done.rejection.code;
    };
    const stateOf = async () => (await findRevocation(db, revocationOutpoint))?.state;
    const revocations = open(http, sources);
    return { http, revocations, rely, stateOf, revocationOutpoint, question: { txid, vout: Number(vout) } };
  };

  it('stays revoked by the one, whoever shows a certificate of the other, and before and after that is kept', async () => {
    const { revocations, rely, stateOf, revocationOutpoint, question } = await arrange();
    expect(await revocations.judgeAnew(question)).toMatchObject({ state: 'revoked' });
    const asOther = { ...question, certifiers: [b.identityKey] };
    expect(await revocations.judge(asOther)).toMatchObject({ state: 'revoked' });
    await presentPlainCertificate(database.dataSource, 'good', { certifier: b.identityKey, revocationOutpoint });
    for (const asked of [asOther, question])
      expect(await revocations.judgeAnew(asked)).toMatchObject({ state: 'revoked' });
    expect([await stateOf(), await rely()]).toEqual(['revoked', 'certificate-revoked']);
  });

  it('is good by the word of neither, and revoked by the word of either', async () => {
    const { http, revocations, question } = await arrange();
    http.words.set('a.example', 'good');
    const asOther = { ...question, certifiers: [b.identityKey] };
    expect(await revocations.judge(asOther)).toMatchObject({ state: 'unknown', isSilent: true });
    expect(await revocations.judge(question)).toMatchObject({ state: 'good' });
    http.words.set('b.example', 'revoked');
    expect(await revocations.judge(asOther)).toMatchObject({ state: 'revoked' });
  });

  it('stays revoked while who said so is silent, whoever else says GOOD, and is told so', async () => {
    const { http, rely, stateOf, question } = await arrange();
    const revocations = open({ send: (asked) => (asked.url.includes('woc') ? chain.send(asked) : http.send(asked)) }, [
      ...sources,
      chainSource,
    ]);
    const chain = new SlowSource();
    http.words.clear();
    chain.letGo();
    expect(await revocations.judge(question)).toMatchObject({ state: 'good' });
    await open(http.speak('a.example', 'revoked'), sources).judge(question);
    http.words.clear();
    expect(await revocations.judge(question)).toMatchObject({ state: 'revoked', spenderTxid: 'cd'.repeat(32) });
    expect([await stateOf(), await rely()]).toEqual(['revoked', 'certificate-revoked']);
    expect(await revocations.find(question, 60_000)).toMatchObject({ state: 'revoked' });
    http.words.set('a.example', 'good');
    expect(await revocations.judge(question)).toMatchObject({ state: 'good' });
    expect(await rely()).toBe('applied');
  });
});

it('a proof is asked for as soon as somebody names a spender, in the time of the same judgement, however slow another source is', async () => {
  const spender = 'cd'.repeat(32);
  const slow = new SlowSource();
  const signals = new Set<AbortSignal | undefined>();
  const send = (asked: OutboundRequest, signal?: AbortSignal): Promise<OutboundAnswer> => {
    signals.add(signal);
    if (new URL(asked.url).pathname.startsWith('/slow')) return slow.send(asked);
    const body = asked.url.endsWith('/spent') ? JSON.stringify({ txid: spender }) : '51';
    proofs.push(...(asked.url.includes(`/tx/${spender}/`) ? [asked.url] : []));
    return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(body) });
  };
  const proofs: string[] = [];
  const url = 'https://woc.example';
  const sources = ['/slow', '/fast'].map((path) => ({ kind: 'whatsonchain', url: `${url}${path}` }));
  const judged = open({ send }, sources).judge(question(99));
  await waitUntil('the proof is asked for', () => proofs.length > 0);
  slow.letGo();
  // The bytes are those of another, so its word is none. The other at the same host is another source.
  expect(await judged).toMatchObject({ state: 'good', source: 'whatsonchain woc.example/slow' });
  expect(signals.size).toBe(1);
});

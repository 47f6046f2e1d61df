import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LockingScript, OP, Utils, type WalletInterface } from '@bsv/sdk';
import { findTopicState, fsck, listTopicOutputs, type StatedOutput, type TopicState } from '#ledger';
import { createTestDatabase, waitUntil, type TestDatabase } from '#testkit';
import { createApplication } from '../../src/application';
import { attachDevnet, parseSettings, resolveConfig } from '../../src/config';
import type { Caller, SubmissionsRig } from './submissions-rig';

export const CHAIN = 'tm_chain';

/** Settings of a gateway that hosts the topic of these tests and shows it to everybody. */
export const HOSTS_CHAIN = {
  topics: [{ name: CHAIN, module: join(__dirname, 'gasp', 'chain-topic.cjs'), export: 'ChainTopicManager' }],
  overlayOpen: ['*'],
  topicTimeoutMs: 60_000,
  overlayRequestsPerMinute: 1_000_000,
  prices: [],
};

const push = (text: string): { op: number; data: number[] } => {
  const data = Utils.toArray(text, 'utf8');
  return { op: data.length, data };
};

export const linkScript = (number: number): LockingScript =>
  new LockingScript([push('chain'), push(String(number)), { op: OP.OP_2DROP }, { op: OP.OP_1 }]);

export interface Link {
  readonly beef: Uint8Array;
  readonly txid: string;
  readonly number: number;
}

/** A transaction whose output 0 is the next link, or the first one of a new chain. */
export async function forgeLink(wallet: WalletInterface, before?: Link): Promise<Link> {
  const number = before === undefined ? 0 : before.number + 1;
  const spent = before && { outpoint: `${before.txid}.0`, inputDescription: 'the link before', unlockingScript: '' };
  const { tx, txid } = await wallet.createAction({
    description: 'forge a link',
    ...(before && spent && { inputBEEF: [...before.beef], inputs: [spent] }),
    outputs: [{ satoshis: 1, lockingScript: linkScript(number).toHex(), outputDescription: 'a link' }],
    options: { randomizeOutputs: false },
  });
  if (tx === undefined || txid === undefined) throw new Error('The wallet did not answer with a transaction.');
  return { beef: Uint8Array.from(tx), txid, number };
}

/** Submits a link; throws unless it is applied. */
export async function submitLink(caller: Caller, before?: Link): Promise<Link> {
  const link = await forgeLink(caller.wallet, before);
  const { status, text } = await caller.submit(link.beef, { topics: [CHAIN] });
  if (status !== 200 && status !== 201 && status !== 202) throw new Error(`Link ${link.number} is refused: ${text}`);
  return link;
}

/** Another gateway with a database of its own on the same chain. */
export class Follower {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly database: TestDatabase,
    readonly url: string,
    private readonly folder: string,
  ) {}

  static async open(chain: SubmissionsRig, settings: Record<string, unknown>): Promise<Follower> {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-gasp-'));
    const database = await createTestDatabase();
    const parsed = parseSettings({
      dataDir: join(folder, 'data'),
      databaseUrl: database.url,
      identityKey: randomBytes(32).toString('hex'),
      devnetUrl: chain.devnet.url,
      ...{ metricsPort: 0, relayPollMs: 100, verificationWorkers: 1, logLevel: 'silent' },
      ...{ gaspIntervalMs: 1_000, ...HOSTS_CHAIN, ...settings },
    });
    const app = await createApplication(attachDevnet(resolveConfig(parsed), chain.devnet.url));
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    await waitUntil('the follower is ready', async () => (await fetch(`${url}/health/ready`)).ok);
    return new Follower(app, database, url, folder);
  }

  findPeers(): Promise<{ url: string; since: string; failures: number; last_error: string | null }[]> {
    return this.database.owner.query('select * from portcullis.gasp_peer order by topic, url');
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface TopicPicture {
  readonly state: TopicState | undefined;
  readonly unspent: readonly string[];
  readonly retained: readonly string[];
}

const print = (outputs: readonly StatedOutput[]): string[] => outputs.map(({ txid, vout }) => `${txid}.${vout}`);

/** What one gateway holds of the topic. */
export async function picture({ dataSource }: TestDatabase): Promise<TopicPicture> {
  const page = { limit: 1_000 };
  return {
    state: await findTopicState(dataSource, CHAIN),
    unspent: print(await listTopicOutputs(dataSource, CHAIN, { ...page, state: 'unspent' })),
    retained: print(await listTopicOutputs(dataSource, CHAIN, { ...page, state: 'retained' })),
  };
}

/** Until both hold the same of the topic, by its digest. */
export async function waitForSame(a: TestDatabase, b: TestDatabase): Promise<void> {
  await waitUntil('both hold the same', async () => {
    const [here, there] = await Promise.all([findTopicState(a.dataSource, CHAIN), findTopicState(b.dataSource, CHAIN)]);
    return here !== undefined && here.digest === there?.digest;
  });
}

export const checkLedger = async ({ owner }: TestDatabase): Promise<void> =>
  expect((await fsck(owner)).filter(({ ok }) => !ok)).toEqual([]);

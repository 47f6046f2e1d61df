import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { networkParams, readHeader } from '#atomic-core';
import { fsck, insertHeaders } from '#ledger';
import { buildBeefV1, buildBlock, createTestDatabase, type TestDatabase } from '#testkit';
import { startChild, type Child } from '../../bench/ledger/child';
import { makeHeader } from '../../bench/ledger/work';
import { CoinPurse, type Coin, type MadeTransaction } from '../../bench/coin-purse';
import { openCurveBinding } from '../../bench/curve-binding';
import { RawCaller, type RawAnswer } from '../../contract/raw-caller';

export const RACE_TOPIC = 'tm_race';

const TOP = join(__dirname, '..', '..', '..');
const COINS_OF_ONE = 50;
const SATOSHIS = 100_000;
const HEIGHT = 1;

export interface GatewayOptions {
  /** Of the topic, by gateway: two versions of it. */
  readonly outputsMax?: readonly [number, number];
}

interface Funding {
  readonly made: MadeTransaction;
  readonly bump: Buffer;
}

/** Every attempt once, `lanes` of them at a time. */
export const playAll = async (
  attempts: number,
  lanes: number,
  play: (attempt: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let attempt = next++; attempt < attempts; attempt = next++) await play(attempt);
  };
  await Promise.all(Array.from({ length: lanes }, work));
};

/** Two gateway processes from the built binary on one database, one caller who is known to both, and coins that a block proves. */
export class GatewaysRig {
  private constructor(
    readonly database: TestDatabase,
    readonly gateways: readonly [Child, Child],
    private readonly callers: readonly [RawCaller, RawCaller],
    private readonly purse: CoinPurse,
    private readonly fundings: readonly Funding[],
    private readonly folder: string,
  ) {
    this.parents = new Map(fundings.map((funding) => [funding.made.txid, funding]));
  }

  private readonly parents: ReadonlyMap<string, Funding>;

  private taken = 0;

  static async open(coins: number, { outputsMax }: GatewayOptions = {}): Promise<GatewaysRig> {
    const curve = openCurveBinding();
    if (curve === undefined) throw new Error('The package secp256k1 has no binary for this platform.');
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-race-'));
    const database = await createTestDatabase();
    const purse = new CoinPurse(curve, `race ${String(process.pid)} ${folder}`);
    const made = Array.from({ length: Math.ceil(coins / COINS_OF_ONE) }, () => purse.fund(COINS_OF_ONE, SATOSHIS));
    const block = buildBlock(HEIGHT, made);
    await storeChain(database, makeHeader(block.root));
    const start = (place: 0 | 1): Promise<Child> =>
      startGateway(database.url, join(folder, String(place)), outputsMax?.[place]);
    const gateways = [await start(0), await start(1)] as const;
    const caller = await RawCaller.open(gateways[0].origin, new ProtoWallet(PrivateKey.fromRandom()));
    const fundings = made.map((one, place) => ({ made: one, bump: block.bump(place) }));
    return new GatewaysRig(database, gateways, [caller, caller.at(gateways[1].origin)], purse, fundings, folder);
  }

  /** A proven coin that nothing else of this rig spends. */
  takeCoin(): Coin {
    const funding = this.fundings[Math.floor(this.taken / COINS_OF_ONE)];
    const coin = funding?.made.coins[this.taken % COINS_OF_ONE];
    this.taken += 1;
    if (coin === undefined) throw new Error('The rig was opened with too few coins.');
    return coin;
  }

  spend(coins: readonly Coin[], outputs = 2): MadeTransaction {
    return this.purse.spend(coins, outputs);
  }

  /** The BEEF of the last of `line`, over the proven parents of `coins`. */
  write(coins: readonly Coin[], line: readonly MadeTransaction[]): Buffer {
    const parents = [...new Set(coins.map(({ txid }) => this.parents.get(txid)))];
    const bumps = parents.map((parent) => parent!.bump);
    const entries = parents.map((parent, bumpIndex) => ({ raw: parent!.made.raw, bumpIndex }));
    return buildBeefV1(bumps, [...entries, ...line.map(({ raw }) => ({ raw }))]);
  }

  private stock: { readonly made: MadeTransaction; readonly coins: readonly Coin[] } | undefined;

  /** A transaction whose outputs are spent one by one later. */
  remember(made: MadeTransaction, coins: readonly Coin[]): void {
    this.stock = { made, coins };
  }

  /** The BEEF of a spend of the remembered transaction. */
  writeRemembered(made: MadeTransaction): Buffer {
    if (this.stock === undefined) throw new Error('Nothing is remembered.');
    return this.write(this.stock.coins, [this.stock.made, made]);
  }

  submit(place: 0 | 1, beef: Buffer): Promise<RawAnswer> {
    const headers = { 'content-type': 'application/octet-stream', 'x-bsv-topics': JSON.stringify([RACE_TOPIC]) };
    return this.callers[place].send({ method: 'POST', url: '/v1/submissions', headers, body: beef });
  }

  call(place: 0 | 1, method: string, url: string, body?: unknown): Promise<RawAnswer> {
    const given =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return this.callers[place].send({ method, url, ...given });
  }

  async violations(): Promise<unknown[]> {
    return (await fsck(this.database.dataSource)).filter(({ ok }) => !ok);
  }

  async close(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.close()));
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const startGateway = (databaseUrl: string, dataDir: string, outputsMax?: number): Promise<Child> =>
  startChild(
    [join(TOP, 'dist', 'src', 'main.js'), 'start', '--json'],
    {
      PORTCULLIS_ROLE: 'api',
      PORTCULLIS_DATA_DIR: dataDir,
      PORTCULLIS_DATABASE_URL: databaseUrl,
      PORTCULLIS_IDENTITY_KEY: '11'.repeat(32),
      // Nobody is there: the chain of the race is in the database.
      PORTCULLIS_DEVNET_URL: 'http://127.0.0.1:9',
      PORTCULLIS_PRICES: '[]',
      PORTCULLIS_PORT: '0',
      PORTCULLIS_METRICS_PORT: '0',
      PORTCULLIS_LOG_LEVEL: 'fatal',
      PORTCULLIS_TOPICS: JSON.stringify([
        {
          name: RACE_TOPIC,
          module: join(__dirname, 'race-topic.cjs'),
          ...(outputsMax !== undefined && { options: { outputsMax } }),
        },
      ]),
    },
    /"api":"http:\/\/127\.0\.0\.1:(\d+)"/u,
  );

const storeChain = async ({ owner }: TestDatabase, header: Buffer): Promise<void> => {
  const genesis = Buffer.from(networkParams.devnet.genesis, 'hex');
  const root = { height: 0, hash: readHeader(genesis)?.hash ?? '' };
  const nowSeconds = Math.floor(Date.now() / 1_000);
  await owner.transaction((manager) =>
    insertHeaders(manager, { params: networkParams.devnet, headers: [genesis, header], nowSeconds, root }),
  );
};

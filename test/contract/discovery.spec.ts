import type { INestApplication } from '@nestjs/common';
import { OverlayAdminTokenTemplate, TopicBroadcaster, Transaction } from '@bsv/sdk';
import { listTopicOutputs } from '#ledger';
import { DevWallet, fundWalletFromDevnet, waitUntil } from '#testkit';
import { Metrics } from '../../src/telemetry';
import { CHAIN, HOSTS_CHAIN } from './gasp-rig';
import { OverlayRig, PLACE, issueInvoice, makeAdvertisement, transactionOf } from './overlay-rig';
import { WalletOverHttp } from './wallet-over-http';

type Replica = Awaited<ReturnType<OverlayRig['gateway']['openReplica']>>;

const NATIVE = [
  ...['tm_documents', 'tm_revocation', 'tm_ship', 'tm_slap'],
  ...['ls_documents', 'ls_revocation', 'ls_ship', 'ls_slap'],
];

const countRounds = async (app: INestApplication, outcome: string): Promise<number> => {
  const { resourceMetrics } = await app.get(Metrics).exporter.collect();
  const points = resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name === 'portcullis_discovery_rounds')
    .flatMap(({ dataPoints }) => dataPoints as { attributes: Record<string, unknown>; value: number }[]);
  return points.find(({ attributes }) => attributes['outcome'] === outcome)?.value ?? 0;
};
const waitForRound = (app: INestApplication, outcome: string): Promise<void> =>
  waitUntil(`a look at the advertisements ${outcome}`, async () => (await countRounds(app, outcome)) > 0);

describe('a gateway that advertises what it hosts', () => {
  let rig: OverlayRig;
  let wallet: WalletOverHttp;
  let invoices: DevWallet;
  const running: Replica[] = [];

  /** A gateway with the ledger of the rig, which itself only hosts the discovery topics. */
  const open = async (topics: (typeof HOSTS_CHAIN)['topics']): Promise<Replica> => {
    const advertiser = { overlayDiscovery: 'advertise', publicUrl: PLACE, overlayWalletUrl: wallet.url } as const;
    // What is refused on purpose, and tried again, is no noise in the test's output.
    const replica = await rig.gateway.openReplica({
      ...advertiser,
      topics,
      topicTimeoutMs: 60_000,
      logLevel: 'silent',
    });
    running.push(replica);
    return replica;
  };
  const closeAll = async (): Promise<void> => {
    for (const { app } of running.splice(0)) await app.close();
  };
  const listHeld = async (): Promise<string[]> => {
    const page = { state: 'unspent', limit: 100 } as const;
    const { dataSource } = rig.gateway.database;
    const tokens = [
      ...(await listTopicOutputs(dataSource, 'tm_ship', page)),
      ...(await listTopicOutputs(dataSource, 'tm_slap', page)),
    ];
    return tokens.map(({ txid, vout }) => `${txid}.${vout}`).sort();
  };
  /** By an unmodified client, which is told of this gateway's address alone. */
  const findHosts = async (hosted: string): Promise<string[]> => {
    const query = hosted.startsWith('tm_') ? { topics: [hosted] } : { service: hosted };
    const service = hosted.startsWith('tm_') ? 'ls_ship' : 'ls_slap';
    const { outputs } = await rig.resolver().query({ service, query });
    return outputs.map(({ beef, outputIndex }) => {
      const script = Transaction.fromBEEF(beef).outputs[outputIndex]?.lockingScript;
      const { domain, identityKey, topicOrService } = OverlayAdminTokenTemplate.decode(script as never);
      expect([identityKey, topicOrService]).toEqual([wallet.wallet.identityKey, hosted]);
      return domain;
    });
  };

  beforeAll(async () => {
    rig = await OverlayRig.open();
    wallet = await WalletOverHttp.open(new DevWallet());
    await fundWalletFromDevnet(wallet.wallet, rig.gateway.devnet.url, 100_000);
    ({ wallet: invoices } = await rig.gateway.openCaller());
  }, 120_000);
  afterAll(async () => {
    await closeAll();
    await wallet.close();
    await rig.close();
  }, 60_000);

  it('starts and serves while the wallet is away, and has advertised nothing', async () => {
    wallet.isAway = true;
    const [one, other] = await Promise.all([open(HOSTS_CHAIN.topics), open(HOSTS_CHAIN.topics)]);
    await waitUntil('a look failed', async () => {
      const failed = await Promise.all([one, other].map(({ app }) => countRounds(app, 'failed')));
      return failed.some((count) => count > 0);
    });
    for (const { url } of [one, other]) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect([await listHeld(), wallet.count('createAction')]).toEqual([[], 0]);
  }, 60_000);

  it('advertises each name once when the wallet is back, whatever the number of replicas', async () => {
    wallet.isAway = false;
    for (const { app } of running) await waitForRound(app, 'settled');
    for (const hosted of [...NATIVE, CHAIN]) expect([hosted, await findHosts(hosted)]).toEqual([hosted, [PLACE]]);
    expect([(await listHeld()).length, wallet.count('createAction')]).toEqual([NATIVE.length + 1, 1]);
  }, 60_000);

  it('is found by an unmodified broadcaster, through SLAP and SHIP', async () => {
    const token = await issueInvoice(invoices, 'ADVERTISED');
    const broadcaster = new TopicBroadcaster(['tm_documents'], {
      ...{ resolver: rig.resolver(), facilitator: rig.facilitator() },
    });
    expect(await broadcaster.broadcast(transactionOf(token))).toMatchObject({ status: 'success', txid: token.txid });
  });

  it('brings its advertisements to the chain', async () => {
    await rig.gateway.mineUntilProven();
    const settled = `select distinct settlement from portcullis.transition where organisation = 'gateway'`;
    expect(await rig.gateway.database.owner.query(settled)).toEqual([{ settlement: 'mined' }]);
  }, 60_000);

  it('adds nothing after a restart', async () => {
    await closeAll();
    const before = await listHeld();
    const { app } = await open(HOSTS_CHAIN.topics);
    await waitForRound(app, 'settled');
    expect([await listHeld(), wallet.count('createAction')]).toEqual([before, 1]);
  }, 60_000);

  it('revokes what it hosts no more, alone, and a second token of what it hosts', async () => {
    await closeAll();
    const before = await listHeld();
    const twice = await makeAdvertisement(wallet.wallet, 'SHIP', 'tm_documents');
    await rig.facilitator().send(PLACE, { beef: [...twice.beef], topics: ['tm_ship'] });
    // Of the same wallet, at another place.
    const elsewhere = await makeAdvertisement(wallet.wallet, 'SHIP', CHAIN, 'https://other.example.com');
    await rig.facilitator().send(PLACE, { beef: [...elsewhere.beef], topics: ['tm_ship'] });
    expect(await listHeld()).toHaveLength(before.length + 2);
    const { app } = await open([]);
    await waitForRound(app, 'settled');
    expect(await findHosts(CHAIN)).toEqual(['https://other.example.com']);
    for (const hosted of NATIVE) expect([hosted, await findHosts(hosted)]).toEqual([hosted, [PLACE]]);
    expect([(await listHeld()).length, wallet.count('signAction')]).toEqual([NATIVE.length + 1, 1]);
    await rig.gateway.mineUntilProven();
  }, 60_000);

  it('advertises again what it hosts again', async () => {
    await closeAll();
    const { app } = await open(HOSTS_CHAIN.topics);
    await waitForRound(app, 'settled');
    expect((await findHosts(CHAIN)).sort()).toEqual(['https://other.example.com', PLACE]);
    expect([(await listHeld()).length, wallet.count('createAction')]).toEqual([NATIVE.length + 2, 3]);
  }, 60_000);
});

import {
  SHIPBroadcaster,
  TopicBroadcaster,
  Transaction,
  withDoubleSpendRetry,
  type SHIPBroadcasterConfig,
} from '@bsv/sdk';
import { transferDocument, type DevWallet } from '#testkit';
import type { Caller } from './submissions-rig';
import {
  OverlayRig,
  PLACE,
  issueInvoice,
  makeAdvertisement,
  transactionOf,
  withdrawAdvertisement,
} from './overlay-rig';

const STEAK = { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] };

describe('unmodified clients of @bsv/sdk before an open gateway', () => {
  let rig: OverlayRig;
  let host: Caller;
  let wallet: DevWallet;
  beforeAll(async () => {
    rig = await OverlayRig.open();
    host = await rig.gateway.openCaller();
    ({ wallet } = await rig.gateway.openCaller(1_000_000));
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  const broadcaster = (config: SHIPBroadcasterConfig = {}, topics = ['tm_documents']): TopicBroadcaster =>
    new TopicBroadcaster(topics, { resolver: rig.resolver(), facilitator: rig.facilitator(), ...config });
  const findDocument = async (documentId: string) => {
    const { outputs } = await rig.resolver().query({ service: 'ls_documents', query: { documentId } });
    return outputs.map(({ beef, outputIndex }) => `${Transaction.fromBEEF(beef).id('hex')}.${outputIndex}`);
  };

  it('finds no host before one is advertised', async () => {
    const token = await issueInvoice(wallet, 'INV-0');
    await expect(broadcaster().broadcast(transactionOf(token))).rejects.toThrow('No competent');
  });

  it('advertises itself through its own routes, and is found by SLAP and then by SHIP', async () => {
    expect(await rig.advertise(host.wallet, 'SLAP', 'ls_ship')).toEqual({ tm_slap: STEAK });
    expect(await rig.advertise(host.wallet, 'SLAP', 'ls_documents')).toEqual({ tm_slap: STEAK });
    const unknown = await issueInvoice(wallet, 'INV-1');
    expect(await broadcaster().broadcast(transactionOf(unknown))).toMatchObject({ code: 'ERR_NO_HOSTS_INTERESTED' });
    expect(await rig.advertise(host.wallet, 'SHIP', 'tm_documents')).toEqual({ tm_ship: STEAK });
  });

  it.each<[string, SHIPBroadcasterConfig]>([
    ['as it comes', {}],
    ['of all topics from all hosts', { requireAcknowledgmentFromAllHostsForTopics: 'all' }],
    ['of any topic from all hosts', { requireAcknowledgmentFromAllHostsForTopics: 'any' }],
    ['of any topic from any host', { requireAcknowledgmentFromAnyHostForTopics: 'any' }],
    ['of a named topic from any host', { requireAcknowledgmentFromAnyHostForTopics: ['tm_documents'] }],
    ['from this host', { requireAcknowledgmentFromSpecificHostsForTopics: { [PLACE]: ['tm_documents'] } }],
    ['of all from this host', { requireAcknowledgmentFromSpecificHostsForTopics: { [PLACE]: 'all' } }],
  ])('broadcasts with acknowledgement %s', async (name, config) => {
    const documentId = `ACK-${name.replaceAll(' ', '-')}`;
    const token = await issueInvoice(wallet, documentId);
    const answer = await broadcaster(config).broadcast(transactionOf(token));
    expect(answer).toMatchObject({ status: 'success', txid: token.txid });
    expect(await findDocument(documentId)).toEqual([`${token.txid}.0`]);
  });

  it('acknowledges a topic that is not concerned to nobody', async () => {
    const payment = await wallet.createAction({
      description: 'no document',
      outputs: [{ satoshis: 1, lockingScript: '51', outputDescription: 'anyone can have it' }],
    });
    const before = await rig.gateway.countAll();
    const answer = await broadcaster().broadcast(Transaction.fromAtomicBEEF(payment.tx ?? []));
    expect(answer).toMatchObject({ code: 'ERR_REQUIRE_ACK_FROM_ANY_HOST_FAILED' });
    const direct = await rig.facilitator().send(PLACE, { beef: [...(payment.tx ?? [])], topics: ['tm_documents'] });
    expect(direct).toEqual({ tm_documents: { outputsToAdmit: [], coinsToRetain: [], coinsRemoved: [] } });
    // Nothing is stored for it and nothing sent; the relay goes on with what was accepted earlier.
    const { outbox: _outbox, settlement_event: _events, ...after } = await rig.gateway.countAll();
    expect(before).toMatchObject(after);
    const sent = `select count(*)::int as n from portcullis.outbox where payload->>'txid' = $1`;
    expect(await rig.gateway.database.owner.query(sent, [payment.txid])).toEqual([{ n: 0 }]);
  });

  it('tells a client of a transaction that the host refuses', async () => {
    const token = await issueInvoice(host.wallet, 'TWICE');
    const twin = await rig.gateway.openTwin(host);
    const first = await transferDocument(host.wallet, token, wallet.identityKey);
    const second = await transferDocument(twin, token, wallet.identityKey);
    expect(await broadcaster().broadcast(transactionOf(token))).toMatchObject({ status: 'success' });
    expect(await broadcaster().broadcast(transactionOf(first))).toMatchObject({ status: 'success' });
    const lost = await broadcaster().broadcast(transactionOf(second));
    expect(lost).toMatchObject({ status: 'error', code: 'ERR_ALL_HOSTS_REJECTED' });
    expect(await findDocument('TWICE')).toEqual([`${first.txid}.0`]);
  });

  it('is an old name of the same client', () => {
    expect(SHIPBroadcaster).toBe(TopicBroadcaster);
  });

  it('brings what is missing and tries again (withDoubleSpendRetry)', async () => {
    const missing = await issueInvoice(wallet, 'MISSING');
    let attempts = 0;
    const operation = async (): Promise<number> => {
      attempts += 1;
      if ((await findDocument('MISSING')).length > 0) return attempts;
      throw Object.assign(new Error('double spend'), {
        name: 'WERR_REVIEW_ACTIONS',
        reviewActionResults: [
          { status: 'doubleSpend', competingBeef: [...missing.beef], competingTxs: [missing.txid] },
        ],
      });
    };
    expect(await withDoubleSpendRetry(operation, broadcaster())).toBe(2);
  });

  it('is found no more once its advertisement is spent', async () => {
    const made = await makeAdvertisement(host.wallet, 'SHIP', 'tm_passing');
    await rig.facilitator().send(PLACE, { beef: [...made.beef], topics: ['tm_ship'] });
    const ask = async () =>
      (await rig.resolver().query({ service: 'ls_ship', query: { topics: ['tm_passing'] } })).outputs.length;
    expect(await ask()).toBe(1);
    const withdrawn = await withdrawAdvertisement(host.wallet, 'SHIP', made);
    const steak = await rig.facilitator().send(PLACE, { beef: [...withdrawn.beef], topics: ['tm_ship'] });
    expect(steak).toEqual({ tm_ship: { outputsToAdmit: [], coinsToRetain: [], coinsRemoved: [0] } });
    expect(await ask()).toBe(0);
  });
});

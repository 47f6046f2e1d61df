import { join } from 'node:path';
import { HTTPSOverlayLookupFacilitator, LookupResolver, TopicBroadcaster, Transaction, Utils } from '@bsv/sdk';
import { waitUntil, type DevWallet } from '#testkit';
import { makeTokens, OperatorFolder, passOn, type Token } from './hosted-rig';
import { OverlayRig, PLACE } from './overlay-rig';

/** Topic managers and lookup services of others, driven by clients of the SDK: neither knows what is between them. */
describe('hosted topics and lookups before unmodified clients of @bsv/sdk', () => {
  let folder: OperatorFolder;
  let rig: OverlayRig;
  let wallet: DevWallet;
  const transactionOf = ({ beef }: Token): Transaction => Transaction.fromAtomicBEEF(beef);
  const resolver = (): LookupResolver =>
    new LookupResolver({
      facilitator: new HTTPSOverlayLookupFacilitator((url, init) => fetch(url, init)),
      hostOverrides: { ls_notes: [PLACE], ls_consignments: [PLACE], ls_ship: [PLACE] },
      reputationStorage: { get: () => null, set: () => undefined },
    });
  const broadcast = (token: Token, ...topics: string[]): Promise<unknown> =>
    new TopicBroadcaster(topics, { resolver: resolver(), facilitator: rig.facilitator() }).broadcast(
      transactionOf(token),
    );
  const ask = async (
    service: string,
    query: unknown,
  ): Promise<{ outpoint: string; context: string; tx: Transaction }[]> => {
    const { outputs } = await resolver().query({ service, query });
    return outputs.map(({ beef, outputIndex, context }) => {
      const tx = Transaction.fromBEEF(beef);
      return { outpoint: `${tx.id('hex')}.${outputIndex}`, context: Utils.toUTF8(context ?? []), tx };
    });
  };
  const untilFound = async (service: string, query: unknown, outpoints: string[]): Promise<void> => {
    const found = async (): Promise<string[]> => (await ask(service, query)).map(({ outpoint }) => outpoint);
    await waitUntil(`${service} has heard`, async () => (await found()).join() === outpoints.join());
  };

  beforeAll(async () => {
    folder = new OperatorFolder();
    rig = await OverlayRig.open({
      overlayRequestsPerMinute: 100_000,
      topics: [
        { name: 'tm_notes', module: '@fixtures/notes' },
        { name: 'ls_notes', module: '@fixtures/notes', storage: 'process' },
        { name: 'tm_consignments', module: 'fixture-consignments' },
        {
          name: 'ls_consignments',
          module: 'fixture-consignments',
          export: 'createConsignmentsLookup',
          options: { file: join(folder.path, 'steps.json') },
        },
      ],
    });
    ({ wallet } = await rig.gateway.openCaller(1_000_000));
    for (const name of ['tm_notes', 'tm_consignments'])
      expect(await rig.advertise(wallet, 'SHIP', name)).toMatchObject({ tm_ship: { outputsToAdmit: [0] } });
  }, 120_000);
  afterAll(async () => {
    await rig.close();
    folder.remove();
  }, 60_000);

  it('admits by TopicBroadcaster, and answers LookupResolver with the context of the service', async () => {
    const note = await makeTokens(wallet, ['a note for all']);
    expect(await broadcast(note, 'tm_notes')).toMatchObject({ status: 'success', txid: note.txid });
    await untilFound('ls_notes', { text: 'for all' }, [`${note.txid}.0`]);
    expect((await ask('ls_notes', { text: 'for all' }))[0]?.context).toBe('a note for all');
    const next = await passOn(wallet, note, ['a note for some']);
    expect(await broadcast(next, 'tm_notes')).toMatchObject({ status: 'success' });
    await untilFound('ls_notes', { text: 'a note for' }, [`${next.txid}.0`]);
  }, 60_000);

  it('hands an answer of no outputs through as the service gave it', async () => {
    const { json } = await rig.lookUp('ls_notes', { count: true });
    expect(json).toEqual({ type: 'freeform', result: { notes: 1 } });
  });

  it('refuses a question that the service throws at, with its name', async () => {
    const { status, json } = await rig.lookUp('ls_notes', {});
    expect(json).toMatchObject({ status: 'error', code: 'lookup-failed' });
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it('asks the function of the service for the history of each coin that was retained', async () => {
    const start = await makeTokens(wallet, ['C-9', 'start']);
    const loaded = await passOn(wallet, start, ['C-9', 'loaded']);
    const arrived = await passOn(wallet, loaded, ['C-9', 'arrived']);
    for (const token of [start, loaded, arrived])
      expect(await broadcast(token, 'tm_consignments')).toMatchObject({ status: 'success' });
    await untilFound('ls_consignments', { id: 'C-9' }, [`${arrived.txid}.0`]);
    // The resolver makes nothing of a host that asks to be asked again, and of one that is slow.
    let whole: Transaction | undefined;
    await waitUntil(
      'it is answered',
      async () => (whole = (await ask('ls_consignments', { id: 'C-9' }))[0]?.tx) !== undefined,
    );
    const parent = whole?.inputs[0]?.sourceTransaction;
    expect([parent?.id('hex'), parent?.inputs[0]?.sourceTransaction?.id('hex')]).toEqual([loaded.txid, start.txid]);
  }, 60_000);
});

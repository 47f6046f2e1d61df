import { Beef, Utils } from '@bsv/sdk';
import { GatewayClient } from '#client';
import { expectSound, keep, listOutpoints, lockTo, mint, TOKEN_SATOSHIS, type Made } from './baskets-rig';
import { SubmissionsRig, type Answer, type Caller } from './submissions-rig';

const COUNT = 60;

describe('the baskets of an organisation', () => {
  let rig: SubmissionsRig;
  let keeper: Caller;
  let made: Made;
  let client: GatewayClient;
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    keeper = await rig.openCaller();
    client = new GatewayClient({ baseUrl: rig.url, wallet: keeper.purse });
    made = await mint(keeper, COUNT);
    await keep(keeper, made, COUNT, 'many', ['all', 'a b']);
    await keep(keeper, await mint(keeper, 2), 2, 'few', ['two']);
  }, 120_000);
  afterAll(async () => {
    await expectSound(rig);
    await rig.close();
  }, 60_000);

  const list = (query = '', basket = 'many'): Promise<Answer> => keeper.call(`/v1/baskets/${basket}/outputs${query}`);
  const vouts = (answer: Answer): number[] => listOutpoints(answer).map((outpoint) => Number(outpoint.split('.')[1]));
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

  it('are listed by name with what is in them', async () => {
    const counts = (outputs: number): Record<string, number> => ({
      outputs,
      satoshis: outputs * TOKEN_SATOSHIS,
      quantity: outputs,
      reserved: 0,
    });
    expect((await keeper.call('/v1/baskets')).json).toEqual({
      baskets: [
        { basket: 'few', ...counts(2) },
        { basket: 'many', ...counts(COUNT) },
      ],
    });
  });

  it('are read whole, beyond what is loaded at once, in the order of arrival and with their scripts', async () => {
    const answer = await list();
    expect([answer.json['total'], answer.json['next'], vouts(answer)]).toEqual([COUNT, null, range(0, COUNT)]);
    expect((answer.json['outputs'] as unknown[])[0]).toEqual({
      outpoint: `${made.txid}.0`,
      satoshis: TOKEN_SATOSHIS,
      spendable: true,
      quantity: 1,
      lockingScript: lockTo(keeper).toHex(),
    });
  });

  it('are paged by `after`, also behind an output that has left meanwhile', async () => {
    const first = await list('?limit=7');
    expect([vouts(first), first.json['next']]).toEqual([range(0, 7), `${made.txid}.6`]);
    await client.baskets.relinquish('many', String(first.json['next']));
    expect(vouts(await list(`?limit=55&after=${String(first.json['next'])}`))).toEqual(range(7, COUNT));
    await keep(keeper, made, COUNT, 'many', ['all', 'a b']);
    expect(vouts(await list('?offset=-1&limit=2'))).toEqual([6, COUNT - 1]);
    expect(vouts(await list('?offset=57&limit=2'))).toEqual([58, 59]);
  });

  it.each([
    ['?tags=two', 2],
    ['?tags=two,all', 2],
    ['?tags=two&tags=all&tagQueryMode=all', 0],
    ['?tags=none', 0],
  ])('are filtered by %s', async (query, total) => {
    expect((await list(query, 'few')).json['total']).toBe(total);
  });

  it('are given with one BEEF, tags and labels when asked, by the typed client too', async () => {
    const page = await client.baskets.listOutputs('many', {
      tags: ['A B'],
      include: 'entire transactions',
      includeTags: true,
      limit: 3,
    });
    const beef = Beef.fromBinary([...page.beef!]);
    expect([page.total, page.outputs.length, beef.isValid(), beef.findTxid(made.txid) !== undefined]).toEqual([
      COUNT,
      3,
      true,
      true,
    ]);
    expect(page.outputs[0]?.tags).toEqual(['a b', 'all']);
    const held = await client.baskets.reserve({ basket: 'few', outputs: 2, idempotencyKey: 'client' });
    expect(Beef.fromBinary([...held.inputBEEF!]).isValid()).toBe(true);
    expect(Utils.toHex([...held.inputBEEF!].slice(0, 4))).toBe('0200beef');
    expect(await client.baskets.findStock('few')).toEqual({ product: 'few', onHand: 2, reserved: 2, available: 0 });
    expect((await client.baskets.release(held.id)).state).toBe('released');
  });

  it.each([
    '?limit=0',
    '?limit=1001',
    '?limit=ten',
    '?offset=-0',
    '?offset=1.5',
    '?after=nonsense',
    `?after=${'00'.repeat(32)}.0`,
    `?offset=1&after=${'00'.repeat(32)}.0`,
    '?include=everything',
    '?includeTags=yes',
    '?tagQueryMode=both',
    '?tagquerymode=all',
    '?limit=1&limit=2',
  ])('refuse %s', async (query) => {
    const answer = await list(query);
    expect([answer.status, answer.json['code']]).toEqual([400, 'query-malformed']);
  });
});

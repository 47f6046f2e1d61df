import { Beef, PrivateKey } from '@bsv/sdk';
import { fundWalletFromDevnet, waitUntil } from '#testkit';
import {
  expectSound,
  jsonHeaders,
  keep,
  listOutpoints,
  lockTo,
  mint,
  post,
  remove,
  spendTokens,
  TOKEN_SATOSHIS,
} from './baskets-rig';
import { Caller, SubmissionsRig, type Answer } from './submissions-rig';

const PATH = '/v1/baskets/reservations';
const UNKNOWN = `${PATH}/00000000-0000-4000-8000-000000000000`;

describe('reservations: outputs held for one transaction', () => {
  let rig: SubmissionsRig;
  let keeper: Caller;
  let colleague: Caller;
  let stranger: Caller;
  beforeAll(async () => {
    const keys = [PrivateKey.fromRandom(), PrivateKey.fromRandom()] as const;
    const ours = keys.map((key) => key.toPublicKey().toString());
    rig = await SubmissionsRig.open({ organisations: { ours } });
    [keeper, colleague] = [new Caller(rig.url, keys[0]), new Caller(rig.url, keys[1])];
    await fundWalletFromDevnet(keeper.wallet, rig.devnet.url, 100_000);
    await fundWalletFromDevnet(keeper.purse, rig.devnet.url, 100_000);
    stranger = await rig.openCaller();
  }, 120_000);
  afterEach(() => expectSound(rig));
  afterAll(() => rig.close(), 60_000);

  const stock = async (basket: string, count: number, tags?: string[]): Promise<string> => {
    const made = await mint(keeper, count);
    await keep(keeper, made, count, basket, tags);
    return made.txid;
  };
  const reserve = (body: Record<string, unknown>, headers = {}): Promise<Answer> => post(keeper, PATH, body, headers);
  const inventory = async (product: string): Promise<unknown> => (await keeper.call(`/v1/inventory/${product}`)).json;

  it('holds the oldest that match, with a BEEF that a wallet spends from, and is consumed by what spends them', async () => {
    const first = await stock('goods', 3, ['blue']);
    await stock('goods', 2, ['red']);
    const held = await reserve({ basket: 'Goods', tags: ['blue'], quantity: 2, ttlSeconds: 60 });
    expect([held.status, held.json]).toMatchObject([
      201,
      { state: 'held', basket: 'goods', outputs: [{ spendable: false, tags: ['blue'], quantity: 1 }, {}] },
    ]);
    expect(listOutpoints(held)).toEqual([`${first}.0`, `${first}.1`]);
    expect(await inventory('goods')).toEqual({ product: 'goods', onHand: 5, reserved: 2, available: 3 });

    const inputBEEF = [...Buffer.from(String(held.json['inputBEEF']), 'base64')];
    const beef = Beef.fromBinary(inputBEEF);
    expect([beef.isValid(), beef.atomicTxid, beef.findTxid(first) !== undefined]).toEqual([true, undefined, true]);
    const spent = await spendTokens(keeper, {
      wallet: await rig.openTwin(keeper),
      inputBEEF,
      outpoints: listOutpoints(held),
      outputs: [{ satoshis: TOKEN_SATOSHIS, lockingScript: lockTo(stranger).toHex() }],
    });
    const id = String(held.json['id']);
    const sold = await keeper.submit(Buffer.from(spent.tx), { topics: undefined, reservation: id });
    expect([sold.status, sold.json]).toMatchObject([
      201,
      { admittance: {}, baskets: { removed: [{ basket: 'goods' }, { basket: 'goods' }] } },
    ]);
    expect((await keeper.call(`${PATH}/${id}`)).json).toMatchObject({ state: 'consumed', inputBEEF: null });
    expect(await inventory('goods')).toEqual({ product: 'goods', onHand: 3, reserved: 0, available: 3 });
    const late = await post(keeper, `${PATH}/${id}/renew`, {});
    expect([late.status, late.json['code']]).toEqual([409, 'reservation-ended']);
  });

  it('is asked for by outputs, by satoshis or by quantity, and refuses at once what it cannot hold', async () => {
    const txid = await stock('sums', 4);
    expect(listOutpoints(await reserve({ basket: 'sums', satoshis: TOKEN_SATOSHIS + 1 }))).toEqual([
      `${txid}.0`,
      `${txid}.1`,
    ]);
    expect(listOutpoints(await reserve({ basket: 'sums', outputs: 1 }))).toEqual([`${txid}.2`]);
    const before = await rig.countAll();
    const short = await reserve({ basket: 'sums', quantity: 2 });
    expect([short.status, short.json]).toMatchObject([409, { code: 'stock-insufficient', next: 'retry-same' }]);
    expect((await rig.countAll())['reservation']).toBe(before['reservation']);
  });

  it('renews, releases, and lets what is released be held again', async () => {
    const txid = await stock('renewed', 1);
    const held = await reserve({ basket: 'renewed', outputs: 1, ttlSeconds: 60 });
    const path = `${PATH}/${String(held.json['id'])}`;
    const renewed = await post(keeper, `${path}/renew`, { ttlSeconds: 120 });
    expect(Date.parse(String(renewed.json['expiresAt']))).toBeGreaterThan(Date.parse(String(held.json['expiresAt'])));
    expect(renewed.json).not.toHaveProperty('inputBEEF');
    expect((await keeper.call(path)).json).toMatchObject({ state: 'held', inputBEEF: held.json['inputBEEF'] });
    expect((await remove(keeper, path)).json).toMatchObject({ state: 'released', outputs: [] });
    expect((await remove(keeper, path)).status).toBe(200);
    expect(listOutpoints(await reserve({ basket: 'renewed', outputs: 1 }))).toEqual([`${txid}.0`]);
  });

  it('ends by itself when its time is over', async () => {
    await stock('short', 1);
    const held = await reserve({ basket: 'short', outputs: 1, ttlSeconds: 1 });
    const path = `${PATH}/${String(held.json['id'])}`;
    await waitUntil('it has expired', async () => (await keeper.call(path)).json['state'] === 'expired');
    expect((await post(keeper, `${path}/renew`, {})).json['code']).toBe('reservation-ended');
    expect((await reserve({ basket: 'short', outputs: 1 })).status).toBe(201);
  });

  it('is found again by the same request under the caller’s own key, in either spelling', async () => {
    await stock('keyed', 3);
    const body = { basket: 'keyed', outputs: 1 };
    const one = await reserve(body, { 'x-bsv-idempotency-key': 'order-1' });
    const again = await reserve(body, { 'x-bsv-idempotency-key': 'order-1' });
    expect([again.status, again.json['id']]).toEqual([201, one.json['id']]);
    const other = await reserve({ ...body, outputs: 2 }, { 'x-bsv-idempotency-key': 'order-1' });
    expect([other.status, other.json['code']]).toEqual([422, 'idempotency-conflict']);
    expect((await inventory('keyed')) as object).toMatchObject({ reserved: 1 });
  });

  it('does not exist for another organisation', async () => {
    await stock('ours', 1);
    const held = await reserve({ basket: 'ours', outputs: 1 });
    const path = `${PATH}/${String(held.json['id'])}`;
    for (const act of [
      () => stranger.call(path),
      () => post(stranger, `${path}/renew`, {}),
      () => remove(stranger, path),
    ])
      expect(await rig.refused(act)).toEqual([404, 'reservation-unknown']);
    expect((await post(stranger, PATH, { basket: 'ours', outputs: 1 })).json['code']).toBe('stock-insufficient');
    expect((await stranger.call('/v1/inventory')).json).toEqual({ products: [] });
    expect((await stranger.call('/v1/inventory/ours')).json).toEqual({
      product: 'ours',
      onHand: 0,
      reserved: 0,
      available: 0,
    });
    expect((await stranger.call('/v1/baskets')).json).toEqual({ baskets: [] });
    expect((await keeper.call(path)).json['state']).toBe('held');
  });

  it.each<[string, unknown, number, string]>([
    ['no amount', { basket: 'goods' }, 400, 'request-malformed'],
    ['two amounts', { basket: 'goods', outputs: 1, quantity: 1 }, 400, 'request-malformed'],
    ['nothing', { basket: 'goods', outputs: 0 }, 400, 'request-malformed'],
    ['a part', { basket: 'goods', quantity: 1.5 }, 400, 'request-malformed'],
    ['more outputs than one may hold', { basket: 'goods', outputs: 1_001 }, 400, 'request-malformed'],
    ['longer than anything is held', { basket: 'goods', outputs: 1, ttlSeconds: 3_601 }, 400, 'request-malformed'],
    ['a member too many', { basket: 'goods', outputs: 1, force: true }, 400, 'request-malformed'],
    ['a list', [], 400, 'request-malformed'],
    ['the basket of change', { basket: 'default', outputs: 1 }, 400, 'basket-name-invalid'],
    ['a tag of nothing', { basket: 'goods', outputs: 1, tags: [''] }, 400, 'tag-invalid'],
    ['both tags or neither', { basket: 'goods', outputs: 1, tagQueryMode: 'both' }, 400, 'request-malformed'],
  ])('refuses %s and leaves no row', async (_, body, status, code) => {
    expect(await rig.refused(() => post(keeper, PATH, body))).toEqual([status, code]);
  });

  it('refuses other bodies, keys and ids alike', async () => {
    const send = (body: string, headers: Record<string, string> = jsonHeaders): Promise<Answer> =>
      keeper.call(PATH, { method: 'POST', headers, body });
    expect(await rig.refused(() => send('{'))).toEqual([400, 'request-malformed']);
    expect(await rig.refused(() => send('{}', { 'content-type': 'text/plain' }))).toEqual([
      415,
      'media-type-unsupported',
    ]);
    const spaced = { 'x-bsv-idempotency-key': 'two words' };
    expect(await rig.refused(() => reserve({ basket: 'goods', outputs: 1 }, spaced))).toEqual([
      400,
      'idempotency-key-malformed',
    ]);
    for (const path of [UNKNOWN, `${PATH}/nonsense`])
      expect(await rig.refused(() => keeper.call(path))).toEqual([404, 'reservation-unknown']);
    expect(await rig.refused(() => post(keeper, `${UNKNOWN}/renew`, { ttlSeconds: 'long' }))).toEqual([
      400,
      'request-malformed',
    ]);
    expect(await rig.refused(() => post(keeper, '/v1/inventory/goods/reservations', {}))).toEqual([
      400,
      'request-malformed',
    ]);
    expect(await rig.refused(() => post(keeper, '/v1/inventory/default/reservations', { quantity: 1 }))).toEqual([
      400,
      'basket-name-invalid',
    ]);
  });

  it('sells each item once over two gateways on one database', async () => {
    await stock('raced', 10);
    const replica = await rig.openReplica();
    try {
      const doors = [keeper, keeper.at(replica.url)];
      const asked = Array.from({ length: 24 }, (_, n) =>
        post(doors[n % 2]!, '/v1/inventory/raced/reservations', { quantity: 1, ttlSeconds: 600 }),
      );
      const answers = await Promise.all(asked);
      const held = answers.filter(({ status }) => status === 201).flatMap(listOutpoints);
      expect([held.length, new Set(held).size]).toEqual([10, 10]);
      expect(answers.filter(({ json }) => json['code'] === 'stock-insufficient')).toHaveLength(14);
      expect(await inventory('raced')).toEqual({ product: 'raced', onHand: 10, reserved: 10, available: 0 });
    } finally {
      await replica.app.close();
    }
  }, 60_000);

  it('lists the outputs of a basket that is called "reservations"', async () => {
    const txid = await stock('reservations', 1);
    expect(listOutpoints(await keeper.call('/v1/baskets/reservations/outputs'))).toEqual([`${txid}.0`]);
  });

  it('is kept from a colleague: another identity of the organisation cannot give up what is held, its holder can', async () => {
    const txid = await stock('guarded', 1);
    await reserve({ basket: 'guarded', outputs: 1 });
    const path = `/v1/baskets/guarded/outputs/${txid}.0`;
    expect(listOutpoints(await colleague.call('/v1/baskets/guarded/outputs'))).toEqual([`${txid}.0`]);
    expect(await rig.refused(() => remove(colleague, path))).toEqual([409, 'output-reserved']);
    expect([(await remove(keeper, path)).status, (await remove(keeper, path)).json['code']]).toEqual([
      200,
      'basket-output-absent',
    ]);
  });
});

import { P2PKH, Transaction } from '@bsv/sdk';
import { expectSound, keep, listOutpoints, lockTo, mint, post, remove, TOKEN_SATOSHIS } from './baskets-rig';
import { SubmissionsRig, type Answer, type Caller } from './submissions-rig';

const PRICE = 5_000;
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

describe('offers: an asset for a price, in one transaction and one COMMIT', () => {
  let rig: SubmissionsRig;
  let seller: Caller;
  let buyer: Caller;
  let stranger: Caller;
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    seller = await rig.openCaller();
    buyer = await rig.openCaller();
    stranger = await rig.openCaller();
  }, 120_000);
  afterEach(() => expectSound(rig));
  afterAll(() => rig.close(), 60_000);

  interface Offered {
    readonly id: string;
    readonly digest: string;
    readonly outpoint: string;
    readonly tx: number[];
  }
  const ask = (outpoint: string, over: Record<string, unknown> = {}): Record<string, unknown> => ({
    asset: { outpoint, basket: 'goods' },
    price: { satoshis: PRICE, lockingScript: lockTo(seller).toHex(), basket: 'takings' },
    expiresAt: inAnHour(),
    ...over,
  });
  const offer = async (over: Record<string, unknown> = {}): Promise<Offered> => {
    const made = await mint(seller, 1);
    await keep(seller, made, 1, 'goods');
    const outpoint = `${made.txid}.0`;
    const { status, json } = await post(seller, '/v1/offers', ask(outpoint, over));
    expect(status).toBe(201);
    return { id: String(json['id']), digest: String(json['termsDigest']), outpoint, tx: made.tx };
  };
  /** The buyer pays, the seller signs the asset over. */
  const exchange = async ({ outpoint, tx }: Offered, price = PRICE, payer = buyer): Promise<Buffer> => {
    payer.wallet.learn(tx);
    const { signableTransaction } = await payer.wallet.createAction({
      description: 'buy an asset',
      inputs: [{ outpoint, inputDescription: 'the asset', unlockingScriptLength: 108 }],
      outputs: [
        { satoshis: TOKEN_SATOSHIS, lockingScript: lockTo(payer).toHex(), outputDescription: 'the asset' },
        { satoshis: price, lockingScript: lockTo(seller).toHex(), outputDescription: 'the price' },
      ],
      options: { randomizeOutputs: false },
    });
    const transaction = Transaction.fromAtomicBEEF(signableTransaction!.tx);
    const unlockingScript = (await new P2PKH().unlock(seller.key).sign(transaction, 0)).toHex();
    const signed = await payer.wallet.signAction({
      reference: signableTransaction!.reference,
      spends: { 0: { unlockingScript } },
    });
    return Buffer.from(signed.tx!);
  };
  const take = (
    { id, digest }: Offered,
    beef: Buffer,
    over: Record<string, unknown> = {},
    who = buyer,
  ): Promise<Answer> =>
    post(who, `/v1/offers/${id}/acceptances`, {
      beef: beef.toString('base64'),
      assetVout: 0,
      basket: 'bought',
      termsDigest: digest,
      ...over,
    });
  const outputsOf = async (who: Caller, basket: string): Promise<string[]> =>
    listOutpoints(await who.call(`/v1/baskets/${basket}/outputs`));

  it('changes sides: the asset enters the buyer’s basket, the payment the seller’s, once however often it is asked', async () => {
    const offered = await offer({ buyerKey: buyer.wallet.identityKey });
    const beef = await exchange(offered);
    const taken = await take(offered, beef);
    const txid = Transaction.fromAtomicBEEF([...beef]).id('hex');
    expect([taken.status, taken.json]).toMatchObject([
      201,
      { txid, baskets: { added: [{ basket: 'bought', outpoint: `${txid}.0` }], removed: [] } },
    ]);
    expect((await take(offered, beef)).text).toBe(taken.text);
    expect(await outputsOf(seller, 'goods')).not.toContain(offered.outpoint);
    expect([await outputsOf(seller, 'takings'), await outputsOf(buyer, 'bought')]).toEqual([
      [`${txid}.1`],
      [`${txid}.0`],
    ]);
    expect((await seller.call(`/v1/offers/${offered.id}`)).json['state']).toBe('taken');
    expect((await remove(seller, `/v1/offers/${offered.id}`)).json['code']).toBe('offer-ended');
  });

  it('is seen by those it is made to, and does not exist for others', async () => {
    const mine = await offer({ buyerKey: buyer.wallet.identityKey });
    const open = await offer();
    const ids = async (who: Caller, whose: string): Promise<unknown[]> =>
      ((await who.call(`/v1/offers?whose=${whose}`)).json['offers'] as { id: string }[]).map(({ id }) => id);
    expect((await ids(buyer, 'to-me'))[0]).toBe(mine.id);
    expect([await ids(stranger, 'to-me'), (await ids(stranger, 'to-all'))[0], await ids(stranger, 'ours')]).toEqual([
      [],
      open.id,
      [],
    ]);
    expect((await ids(seller, 'ours')).slice(0, 2)).toEqual([open.id, mine.id]);
    const path = `/v1/offers/${mine.id}`;
    expect([(await buyer.call(path)).status, (await seller.call(path)).status]).toEqual([200, 200]);
    for (const act of [() => stranger.call(path), () => remove(stranger, path)])
      expect(await rig.refused(act)).toEqual([404, 'offer-unknown']);
    const beef = await exchange(mine, PRICE, stranger);
    expect(await rig.refused(() => take(mine, beef, {}, stranger))).toEqual([404, 'offer-unknown']);
  });

  it('refuses what is altered, too cheap, not the asset, or over, and changes nothing', async () => {
    const offered = await offer();
    const other = await offer();
    const beef = await exchange(offered);
    expect(await rig.refused(() => take(offered, beef, { termsDigest: other.digest }))).toEqual([409, 'offer-altered']);
    expect(await rig.refused(() => take(other, beef))).toEqual([422, 'offer-unfulfilled']);
    expect(await rig.refused(() => take(offered, beef, { assetVout: 99 }))).toEqual([422, 'offer-unfulfilled']);
    const cheap = await exchange(other, PRICE - 1);
    expect(await rig.refused(() => take(other, cheap))).toEqual([422, 'offer-unfulfilled']);
    expect((await remove(seller, `/v1/offers/${offered.id}`)).json['state']).toBe('withdrawn');
    expect(await rig.refused(() => take(offered, beef))).toEqual([409, 'offer-ended']);
  });

  it('is posted once by the same request', async () => {
    const made = await mint(seller, 1);
    await keep(seller, made, 1, 'goods');
    const body = ask(`${made.txid}.0`);
    const [one, two] = [await post(seller, '/v1/offers', body), await post(seller, '/v1/offers', body)];
    expect([two.status, two.json['id']]).toEqual([201, one.json['id']]);
    const key = { 'x-bsv-idempotency-key': 'sale-1' };
    expect((await post(seller, '/v1/offers', body, key)).json['id']).not.toBe(one.json['id']);
    const other = ask(`${made.txid}.0`, { expiresAt: new Date(Date.now() + 7_200_000).toISOString() });
    expect(await rig.refused(() => post(seller, '/v1/offers', other, key))).toEqual([422, 'idempotency-conflict']);
  });

  it('refuses malformed offers and what is not the seller’s', async () => {
    const made = await mint(seller, 1);
    await keep(seller, made, 1, 'goods');
    const outpoint = `${made.txid}.0`;
    const price = { satoshis: PRICE, lockingScript: lockTo(seller).toHex(), basket: 'takings' };
    const refusals: [Record<string, unknown>, number, string][] = [
      [{ expiresAt: '2020-01-01T00:00:00Z' }, 400, 'request-malformed'],
      [{ expiresAt: 'soon' }, 400, 'request-malformed'],
      [{ price: { ...price, satoshis: 0 } }, 400, 'request-malformed'],
      [{ price: { ...price, lockingScript: 'xyz' } }, 400, 'request-malformed'],
      [{ price: { ...price, basket: 'default' } }, 400, 'basket-name-invalid'],
      [{ buyerKey: '02' }, 400, 'request-malformed'],
      [{ asset: { outpoint: 'nonsense', basket: 'goods' } }, 400, 'query-malformed'],
      [{ asset: { outpoint, basket: 'elsewhere' } }, 404, 'basket-output-absent'],
      [{ asset: { outpoint, basket: 'goods', topic: 'tm_nobody' } }, 400, 'topic-unknown'],
      [{ more: 1 }, 400, 'request-malformed'],
    ];
    for (const [over, status, code] of refusals)
      expect(await rig.refused(() => post(seller, '/v1/offers', ask(outpoint, over)))).toEqual([status, code]);
    expect(await rig.refused(() => post(stranger, '/v1/offers', ask(outpoint)))).toEqual([404, 'basket-output-absent']);
    expect(await rig.refused(() => seller.call('/v1/offers?whose=everyone'))).toEqual([400, 'query-malformed']);
  });
});

import type { Coin } from '../../bench/coin-purse';
import { GatewaysRig, playAll, RACE_TOPIC } from './gateways-rig';

/** Merge size; `npm run test:race:full` has 10,000 attempts on 1,000 items. */
const ATTEMPTS = Number(process.env['RACE_STOCK_ATTEMPTS'] ?? 400);
const ITEMS = Math.max(1, Math.floor(ATTEMPTS / 10));
const CALLERS = 16;
const PRODUCT = 'pallets';

jest.setTimeout(120_000 + ATTEMPTS * 200);

interface Held {
  readonly id: string;
  readonly outpoint: string;
}

let rig: GatewaysRig;
beforeAll(async () => {
  rig = await GatewaysRig.open(1);
}, 120_000);
afterAll(() => rig.close());

const read = (body: Buffer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>;

const atOf = (attempt: number): 0 | 1 => (attempt % 2 === 0 ? 0 : 1);

describe('an inventory under more buyers than it has items', () => {
  const coins = new Map<string, Coin>();
  const held: Held[] = [];

  it('is stocked by one transaction', async () => {
    const coin = rig.takeCoin();
    const stock = rig.spend([coin], ITEMS);
    for (const one of stock.coins) coins.set(`${one.txid}.${one.vout}`, one);
    const baskets = Object.fromEntries(stock.coins.map(({ vout }) => [vout, PRODUCT]));
    const beef = rig.write([coin], [stock]).toString('base64');
    const answer = await rig.call(0, 'POST', '/v1/submissions', { beef, topics: [RACE_TOPIC], baskets });
    expect([answer.status, answer.code]).toEqual([201, undefined]);
    rig.remember(stock, [coin]);
  });

  it('is reserved to the last item and no further, each item once, through two gateways', async () => {
    let refused = 0;
    await playAll(ATTEMPTS, CALLERS, async (attempt) => {
      const url = `/v1/inventory/${PRODUCT}/reservations`;
      const { status, code, body } = await rig.call(atOf(attempt), 'POST', url, { quantity: 1, ttlSeconds: 3_600 });
      if (status === 201) {
        const { id, outputs } = read(body) as { id: string; outputs: { outpoint: string }[] };
        expect(outputs).toHaveLength(1);
        held.push({ id, outpoint: outputs[0]!.outpoint });
        return;
      }
      expect(code).toBe('stock-insufficient');
      refused += 1;
    });
    expect([held.length, refused]).toEqual([ITEMS, ATTEMPTS - ITEMS]);
    expect(new Set(held.map(({ outpoint }) => outpoint)).size).toBe(ITEMS);
    expect(await rig.violations()).toEqual([]);
  });

  it('is sold item by item, each by the COMMIT that names its reservation, and is empty then', async () => {
    await playAll(ITEMS, CALLERS, async (attempt) => {
      const { id, outpoint } = held[attempt] as Held;
      const coin = coins.get(outpoint) as Coin;
      const beef = rig.writeRemembered(rig.spend([coin], 1)).toString('base64');
      const asked = { beef, topics: [RACE_TOPIC], reservation: id };
      const { status, code } = await rig.call(atOf(attempt), 'POST', '/v1/submissions', asked);
      expect([status, code]).toEqual([201, undefined]);
    });
    const stock = read((await rig.call(1, 'GET', `/v1/inventory/${PRODUCT}`)).body);
    expect(stock).toMatchObject({ onHand: 0, reserved: 0, available: 0 });
    expect(await rig.violations()).toEqual([]);
  });
});

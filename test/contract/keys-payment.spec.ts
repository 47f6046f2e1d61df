import { DevWallet } from '#testkit';
import { GATEWAY_PRIVATE_KEY } from './gateway-rig';
import { openPaidGateway, pay, readTerms, type PaymentRig } from './payment-rig';
import { RawCaller } from './raw-caller';

const NEXT_PRIVATE_KEY = '22'.repeat(32);
const HOUR_MS = 3_600_000;

/** What the gateway takes for now, and no more of it than the times of its keys. */
let nowMs = Date.now();
const startMs = nowMs + HOUR_MS;
const identityKey = JSON.stringify([
  { key: GATEWAY_PRIVATE_KEY, until: new Date(startMs + HOUR_MS).toISOString() },
  { key: NEXT_PRIVATE_KEY, from: new Date(startMs).toISOString() },
]);

let rig: PaymentRig;
let wallet: DevWallet;
beforeAll(async () => {
  rig = await openPaidGateway({ identityKey });
  wallet = new DevWallet();
  await rig.fund(wallet);
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
}, 120_000);
afterAll(async () => {
  jest.restoreAllMocks();
  await rig.stop();
});

const echo = (caller: RawCaller, body: string, headers: Record<string, string> = {}) =>
  caller.send({ method: 'POST', url: '/v1/test/echo', headers: { 'content-type': 'text/plain', ...headers }, body });
const open = (): Promise<RawCaller> => RawCaller.open(rig.gateway.origin, wallet);

it('takes what was paid to the key that the payer was told, over the change of keys, until the end of that key', async () => {
  const early = await open();
  const quoted = readTerms(await echo(early, 'one'));
  expect(quoted.payee).toBe(early.gatewayKey);
  nowMs = startMs;
  expect((await echo(early, 'one', await pay(wallet, quoted))).status).toBe(200);
  const late = await open();
  expect(late.gatewayKey).not.toBe(early.gatewayKey);
  // Each is told the key of its own session, whichever key made the quote.
  const [ofEarly, ofLate] = [readTerms(await echo(early, 'two')), readTerms(await echo(late, 'two'))];
  expect([ofEarly.payee, ofLate.payee]).toEqual([early.gatewayKey, late.gatewayKey]);
  expect(ofLate.prefix).toBe(ofEarly.prefix);
  // Paid as the old session said, shown in the new one.
  expect((await echo(late, 'two', await pay(wallet, ofEarly))).status).toBe(200);
  const last = readTerms(await echo(early, 'three'));
  const payment = await pay(wallet, last);
  nowMs = startMs + HOUR_MS;
  expect(await echo(late, 'three', payment)).toMatchObject({ code: 'payment-wrong-key' });
  expect((await echo(late, 'three', await pay(wallet, readTerms(await echo(late, 'three'))))).status).toBe(200);
});

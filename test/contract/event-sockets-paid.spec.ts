import { DevWallet, waitUntil } from '#testkit';
import { TopicEventsModule } from '../../src/topic-events';
import { SocketReader } from './event-sockets-rig';
import { openPaidGateway, pay, readTerms, type PaymentRig } from './payment-rig';
import { RawCaller } from './raw-caller';
import { TOPIC } from './topic-events-rig';

const PRICE = 30;
const PATH = `/v1/topics/${TOPIC}/events`;

let rig: PaymentRig;
let wallet: DevWallet;
let caller: RawCaller;
beforeAll(async () => {
  const prices = [{ method: 'GET' as const, path: '/v1/topics/:topic/events', satoshis: PRICE }];
  rig = await openPaidGateway({ prices }, [TopicEventsModule]);
  wallet = new DevWallet();
  await rig.fund(wallet);
  caller = await RawCaller.open(rig.gateway.origin, wallet);
}, 120_000);
afterAll(() => rig.stop());

it('a WebSocket costs what its route costs, once for each opening', async () => {
  const asked = await SocketReader.openSigned(caller, PATH);
  expect(asked.refusal).toMatchObject({ status: 402, type: 'application/problem+json', code: 'payment-required' });
  const { status = 0, headers } = asked.refusal ?? {};
  const answer = {
    status,
    headers: new Headers(headers as Record<string, string>),
    body: Buffer.alloc(0),
    code: undefined,
  };
  const terms = readTerms(answer);
  expect(terms.satoshis).toBe(PRICE);
  const payment = await pay(wallet, terms);
  const paid = await SocketReader.openSigned(caller, PATH, payment);
  await paid.waitReady();
  expect(paid.head?.headers['x-bsv-payment-satoshis-paid']).toBe(String(PRICE));
  paid.cut();
  // Terms bind one identity and one request: the same payment opens nothing else, for nobody else.
  const other = await RawCaller.open(rig.gateway.origin, new DevWallet());
  const stolen = await SocketReader.openSigned(other, PATH, payment);
  expect(stolen.refusal).toMatchObject({ status: 409, code: 'payment-quote-unknown' });
  const elsewhere = await SocketReader.openSigned(caller, `${PATH}?after=-1`, payment);
  expect(elsewhere.refusal?.code).toBe('payment-already-spent');
  const [row] = await rig.gateway.database.owner.query<{ claims: number }[]>(
    'select count(*)::int as claims from portcullis.payment_claim',
  );
  expect(row).toEqual({ claims: 1 });
  // It was served: nobody gives it back later.
  await waitUntil('the opening is noted as served', async () => {
    const waiting = await rig.gateway.database.owner.query<unknown[]>('select from portcullis.unserved');
    return waiting.length === 0;
  });
});

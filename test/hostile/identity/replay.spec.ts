import { DevWallet } from '#testkit';
import { RawCaller, echoRequest, sendHttp } from '../../contract/raw-caller';
import { type Rivals, openRivals, outcomeOf } from './rivals';
import type { Target } from './stock-rig';

const COPIES = 20;

let rivals: Rivals;
beforeAll(async () => {
  rivals = await openRivals();
});
afterAll(() => rivals.stop());

it('A3: the same signed request again is executed again by the stock middleware, and refused here', async () => {
  const sendTwice = async ({ origin, served }: Target): Promise<unknown> => {
    const signed = await (await RawCaller.open(origin, new DevWallet())).sign(echoRequest);
    const before = served.length;
    const answers = [await sendHttp(origin, signed), await sendHttp(origin, signed)];
    return [...answers.map(({ status, code }) => code ?? status), served.length - before];
  };
  expect(await sendTwice(rivals.stock)).toEqual([200, 200, 2]);
  expect(await sendTwice(rivals.gateway)).toEqual([200, 'auth-replayed', 1]);
});

it('A3: of copies that come at once the stock middleware executes more than one, and this gateway one', async () => {
  const sendAtOnce = async (target: Target): Promise<number> => {
    const { origin, served } = target;
    const signed = await (await RawCaller.open(origin, new DevWallet())).sign(echoRequest);
    const before = served.length;
    // Copies of one request id lose each other's answers in the stock middleware: how often the handler ran is what counts.
    await Promise.all(
      Array.from({ length: COPIES }, () => outcomeOf(target, (signal) => sendHttp(origin, signed, signal))),
    );
    return served.length - before;
  };
  expect(await sendAtOnce(rivals.stock)).toBeGreaterThan(1);
  expect(await sendAtOnce(rivals.gateway)).toBe(1);
});

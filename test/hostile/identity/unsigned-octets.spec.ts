import { AuthFetch } from '@bsv/sdk';
import { DevWallet } from '#testkit';
import {
  RawCaller,
  echoRequest,
  readAnswer,
  sendAuthMessage,
  sendHttp,
  writeInitialRequest,
} from '../../contract/raw-caller';
import { type Outcome, type Rivals, openRivals, outcomeOf } from './rivals';
import { openStock, type Target } from './stock-rig';

let rivals: Rivals;
beforeAll(async () => {
  rivals = await openRivals();
});
afterAll(() => rivals.stop());

it('A4: a body that nobody signed reaches the handler of the stock middleware by its content type, and is refused here', async () => {
  const inject = async ({ origin, served }: Target): Promise<unknown> => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const signed = await (await RawCaller.open(origin, new DevWallet())).sign({ ...echoRequest, headers, body: '' });
    const before = served.length;
    const { status, code, body } = await sendHttp(origin, { ...signed, body: '{"amount":1000000}' });
    const seen = (JSON.parse(body.toString()) as { body?: string }).body;
    return { status, code, seen, ran: served.length - before };
  };
  expect(await inject(rivals.stock)).toMatchObject({ status: 200, seen: '{"amount":1000000}', ran: 1 });
  expect(await inject(rivals.gateway)).toMatchObject({ status: 401, code: 'auth-signature-invalid', ran: 0 });
});

it('A7: an empty answer leaves unmodified AuthFetch waiting for ever behind the stock middleware, and does not exist here', async () => {
  const ask = (target: Target): Promise<Outcome> =>
    outcomeOf(target, (signal) =>
      Promise.race([
        new AuthFetch(new DevWallet()).fetch(`${target.origin}/v1/test/empty`).then(readAnswer),
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('no answer')));
        }),
      ]),
    );
  expect(await ask(rivals.stock)).toBe('no answer');
  expect(await ask(rivals.gateway)).toEqual({ status: 200 });
});

describe('A10: what a framework answers beside the middleware', () => {
  const ask = async (target: Target, url: string): Promise<unknown> => {
    const { origin } = target;
    const caller = await RawCaller.open(origin, new DevWallet());
    const signed = await caller.sign({ method: 'GET', url });
    let isSigned: boolean | undefined;
    const outcome = await outcomeOf(target, async (signal) => {
      const answer = await sendHttp(origin, signed, signal);
      isSigned = await caller.isSignedForMe(answer);
      return answer;
    });
    return outcome === 'no answer' ? outcome : { status: outcome.status, isSigned };
  };

  it('a stream never ends behind the stock middleware, and is whole and signed here', async () => {
    expect(await ask(rivals.stock, '/v1/test/stream')).toBe('no answer');
    expect(await ask(rivals.gateway, '/v1/test/stream')).toEqual({ status: 200, isSigned: true });
  });

  it('a redirect from the stock middleware does not verify, and one from here does', async () => {
    expect(await ask(rivals.stock, '/v1/test/elsewhere')).toEqual({ status: 302, isSigned: false });
    expect(await ask(rivals.gateway, '/v1/test/elsewhere')).toEqual({ status: 302, isSigned: true });
  });

  it('the handshake fails with the stock middleware in front of the parser of bodies, where NestJS puts it; here there is one order', async () => {
    const late = await openStock({ parseAfterAuth: true });
    try {
      const open = async ({ origin }: Target): Promise<number> =>
        (await sendAuthMessage(origin, writeInitialRequest(new DevWallet().identityKey))).status;
      expect(await open(late)).toBe(500);
      expect(await open(rivals.gateway)).toBe(200);
    } finally {
      await late.stop();
    }
  });
});

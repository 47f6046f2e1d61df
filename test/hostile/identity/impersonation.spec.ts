import { DevWallet } from '#testkit';
import {
  RawCaller,
  echoRequest,
  replaceHeaders,
  sendAuthMessage,
  sendHttp,
  writeInitialRequest,
} from '../../contract/raw-caller';
import { type Rivals, openRivals, outcomeOf } from './rivals';
import type { Target } from './stock-rig';

let rivals: Rivals;
beforeAll(async () => {
  rivals = await openRivals();
});
afterAll(() => rivals.stop());

it('A1: a session of mine under the name of another runs as the victim in the stock middleware, and is refused here before its body is read', async () => {
  const victim = new DevWallet();
  const impersonate = async ({ origin, served }: Target): Promise<unknown> => {
    await RawCaller.open(origin, victim);
    const signed = await (await RawCaller.open(origin, new DevWallet())).sign(echoRequest);
    const forged = replaceHeaders(signed, { 'x-bsv-auth-identity-key': victim.identityKey });
    return { ...(await sendHttp(origin, forged)), served: [...served] };
  };
  expect(await impersonate(rivals.stock)).toMatchObject({ status: 200, served: [victim.identityKey] });
  expect(await impersonate(rivals.gateway)).toMatchObject({ status: 401, code: 'auth-identity-mismatch', served: [] });
});

it('A5: a session opened unsigned in the name of another makes the answer to the victim unverifiable in the stock middleware, and changes nothing here', async () => {
  const answerDuringAttack = async ({ origin, gate }: Target): Promise<boolean> => {
    const victim = new DevWallet();
    const caller = await RawCaller.open(origin, victim);
    const pending = caller.send({ method: 'GET', url: '/v1/test/slow' });
    await gate.entered;
    expect((await sendAuthMessage(origin, writeInitialRequest(victim.identityKey))).status).toBe(200);
    gate.open();
    return caller.isSignedForMe(await pending);
  };
  expect(await answerDuringAttack(rivals.stock)).toBe(false);
  expect(await answerDuringAttack(rivals.gateway)).toBe(true);
});

it('A5: that session counts as authenticated in the stock middleware; here whoever opened it can sign nothing for it', async () => {
  const victim = new DevWallet();
  const fixate = async (target: Target): Promise<unknown> => {
    const { origin } = target;
    const opened = await sendAuthMessage(origin, writeInitialRequest(victim.identityKey));
    const { initialNonce = '' } = JSON.parse(opened.body.toString()) as { initialNonce?: string };
    const signed = await (await RawCaller.open(origin, new DevWallet())).sign(echoRequest);
    const mine = { 'x-bsv-auth-your-nonce': initialNonce, 'x-bsv-auth-identity-key': victim.identityKey };
    return outcomeOf(target, (signal) => sendHttp(origin, replaceHeaders(signed, mine), signal));
  };
  await fixate(rivals.stock);
  expect(rivals.stock.sessions.getSession(victim.identityKey)).toMatchObject({ isAuthenticated: true });
  expect(await fixate(rivals.gateway)).toEqual({ status: 401, code: 'auth-signature-invalid' });
});

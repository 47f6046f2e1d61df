import { Webhook } from 'standardwebhooks';
import type { TopicEvent } from '#ledger';
import { KeyRing } from '../keys';
import { signWebhook } from './sign-webhook';
import { printWebhookSecret } from './webhook-secret';

const txid = 'ab'.repeat(32) as TopicEvent['txid'];
const event: TopicEvent = {
  topic: 'tm_test',
  position: 7,
  kind: 'retracted',
  transitionId: '5dcba8a4-5a5f-4d3b-9b34-d44c2b1e4f3a',
  txid,
  at: new Date('2026-11-21T12:00:00Z'),
  admitted: [0, 2],
  spent: [{ txid, vout: 1, retained: true }],
};
const HOUR_MS = 3_600_000;
const root = (octet: number, fromMs: number, untilMs?: number) => ({
  ...{ root: Buffer.alloc(32, octet), fromMs, untilMs },
});
const ring = KeyRing.ofRoots([root(0x11, 0)]);
const [secret = Buffer.alloc(0)] = ring.deriveWebhookSecrets('one');
const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const sign = (over: Partial<Parameters<typeof signWebhook>[0]> = {}) =>
  signWebhook({ subscriptionId: 'one', event, secrets: [secret], nowSeconds: nowSeconds(), ...over });
const receiver = new Webhook(printWebhookSecret(secret));

describe('a signed webhook', () => {
  it('is taken by the package of the standard, and says what happened', () => {
    const { headers, body } = sign();
    expect(receiver.verify(body, { ...headers })).toEqual({
      type: 'topic.retracted',
      timestamp: '2026-11-21T12:00:00.000Z',
      data: {
        topic: 'tm_test',
        position: 7,
        kind: 'retracted',
        txid,
        admitted: [`${txid}.0`, `${txid}.2`],
        spent: [{ outpoint: `${txid}.1`, retained: true }],
        at: '2026-11-21T12:00:00.000Z',
      },
    });
  });

  it('is refused with another body, id, time or secret', () => {
    const { headers, body } = sign();
    const verify =
      (over: Record<string, string>, text = body) =>
      () =>
        receiver.verify(text, { ...headers, ...over });
    expect(verify({}, body.replace('retracted', 'applied'))).toThrow();
    expect(verify({ 'webhook-id': 'msg_one_8' })).toThrow();
    expect(verify({ 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) })).toThrow();
    const other = sign({ secrets: ring.deriveWebhookSecrets('two') });
    expect(() => receiver.verify(other.body, { ...other.headers })).toThrow();
    expect(() =>
      receiver.verify(sign({ nowSeconds: 1_000 }).body, { ...sign({ nowSeconds: 1_000 }).headers }),
    ).toThrow();
  });

  it('is taken over a change of keys by whoever was given its secret before it, and by whoever was after it', () => {
    const changed = KeyRing.ofRoots([root(0x11, 0, Date.now() + HOUR_MS), root(0x22, Date.now())]);
    const secrets = changed.deriveWebhookSecrets('one');
    const { headers, body } = sign({ secrets });
    expect(secrets).toHaveLength(2);
    for (const given of [secret, ...secrets]) new Webhook(printWebhookSecret(given)).verify(body, { ...headers });
  });

  it('has one id for an event and a subscription, whenever it is sent', () => {
    expect(sign({ nowSeconds: 5 }).headers['webhook-id']).toBe(sign({ nowSeconds: 9 }).headers['webhook-id']);
    expect(sign({ subscriptionId: 'two' }).headers['webhook-id']).not.toBe(sign().headers['webhook-id']);
  });

  it('has a secret that follows from the identity key and the subscription, and from nothing less', () => {
    expect(ring.deriveWebhookSecrets('one')[0]).toEqual(secret);
    expect(KeyRing.ofRoots([root(0x12, 0)]).deriveWebhookSecrets('one')[0]).not.toEqual(secret);
    expect(printWebhookSecret(secret)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/u);
    expect(sign().body).not.toContain(event.transitionId);
  });
});

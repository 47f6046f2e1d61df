import { inspect } from 'node:util';
import { openGatewayKeys } from '#atomic-core';
import type { RootKey } from '#ports';
import { KeyRing } from './key-ring';
import { planRotation } from './plan-rotation';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-12-01T00:00:00Z');
const RANDOM = Buffer.alloc(16, 7);
const key = (octet: number, fromMs: number, untilMs?: number): RootKey => ({
  ...{ root: Buffer.alloc(32, octet), fromMs, untilMs },
});
const identityOf = (octet: number): string => openGatewayKeys(Buffer.alloc(32, octet)).identityKey;
const [OLD, NEW] = [0x11, 0x22];
const CALLER = identityOf(0x77);

let nowMs: number;
const clock = { nowMs: () => nowMs };
const openRotation = (): KeyRing => KeyRing.ofRoots([key(OLD, 0, START_MS + HOUR_MS), key(NEW, START_MS)], clock);

describe('the keys of the gateway over a change of them', () => {
  beforeEach(() => {
    nowMs = START_MS - 1;
  });

  it('change over at the time that was planned, without a restart', () => {
    const ring = openRotation();
    expect([ring.identityKey, ring.current.identityKey]).toEqual([identityOf(OLD), identityOf(OLD)]);
    nowMs = START_MS;
    expect([ring.identityKey, ring.current.identityKey]).toEqual([identityOf(NEW), identityOf(NEW)]);
  });

  it('know their nonces before, in and after the overlap, and the old ones no longer once it is over', () => {
    const ring = openRotation();
    const nonceOf = (octet: number): string =>
      openGatewayKeys(Buffer.alloc(32, octet)).makeSessionNonce(RANDOM, CALLER);
    const known = (identityKey = CALLER): (string | undefined)[] =>
      [OLD, NEW, 0x33].map((octet) => ring.findMaker({ sessionNonce: nonceOf(octet), identityKey })?.identityKey);
    // Also when somebody else shows it, who is then told that it is not theirs.
    expect(known(identityOf(0x44))).toEqual(known());
    // Another replica whose clock is ahead has begun with the new one.
    expect(known()).toEqual([identityOf(OLD), identityOf(NEW), undefined]);
    nowMs = START_MS + HOUR_MS - 1;
    expect(known()).toEqual([identityOf(OLD), identityOf(NEW), undefined]);
    nowMs = START_MS + HOUR_MS;
    expect(known()).toEqual([undefined, identityOf(NEW), undefined]);
    expect(ring.find(identityOf(OLD))).toBeUndefined();
    expect(ring.listCallbackTokens()).toHaveLength(1);
    expect(ring.deriveWebhookSecrets('one')).toHaveLength(1);
    // Nobody else becomes it for that.
    expect(ring.isOwn(identityOf(OLD))).toBe(true);
  });

  it('know their quotes, and take no nonce of a session for one', () => {
    const ring = openRotation();
    for (const octet of [OLD, NEW]) {
      const keys = openGatewayKeys(Buffer.alloc(32, octet));
      expect(ring.isQuoteNonce(keys.makeQuoteNonce(RANDOM))).toBe(true);
      expect(ring.isQuoteNonce(keys.makeSessionNonce(RANDOM, CALLER))).toBe(false);
      expect(ring.findMaker({ sessionNonce: keys.makeQuoteNonce(RANDOM), identityKey: CALLER })).toBeUndefined();
    }
    nowMs = START_MS + HOUR_MS;
    expect(ring.isQuoteNonce(openGatewayKeys(Buffer.alloc(32, OLD)).makeQuoteNonce(RANDOM))).toBe(false);
  });

  it.each<[string, RootKey[]]>([
    ['none', []],
    ['the same one twice', [key(OLD, 0, START_MS), key(OLD, 1)]],
    ['a last one that ends', [key(OLD, 0, START_MS)]],
    ['one of zeros', [key(0, 0)]],
    ['one beyond the order', [key(0xff, 0)]],
    ['one of 31 octets', [{ ...key(OLD, 0), root: Buffer.alloc(31, 1) }]],
  ])('are refused when there is %s', (_what, keys) => {
    expect(() => KeyRing.ofRoots(keys, clock)).toThrow(expect.objectContaining({ name: 'KeyStoreError' }));
    for (const { root } of keys) expect(root.every((octet) => octet === 0)).toBe(true);
  });

  it('wipe the roots that they were opened from, and can be printed by nobody', () => {
    const keys = [key(OLD, 0)];
    const ring = KeyRing.ofRoots(keys, clock);
    expect(keys[0]?.root.every((octet) => octet === 0)).toBe(true);
    const printed = `${inspect(ring, { depth: 9, showHidden: true })} ${JSON.stringify(ring)}`;
    for (const secret of ['11'.repeat(16), '17, 17, 17', ring.callbackToken]) expect(printed).not.toContain(secret);
  });

  it('open what a key wrapped that has ended, however suddenly', () => {
    const owner = { organisation: 'acme', subject: CALLER };
    const wrapped = openGatewayKeys(Buffer.alloc(32, OLD)).wrapSubjectKey(RANDOM, Buffer.alloc(12, 1), owner);
    nowMs = START_MS + 2 * HOUR_MS;
    const ring = openRotation();
    expect(ring.find(identityOf(OLD))).toBeUndefined();
    const opener = ring.listSubjectKeyOpeners().find(({ identityKey }) => identityKey === identityOf(OLD));
    expect(opener?.unwrapSubjectKey(wrapped, owner)).toEqual(new Uint8Array(RANDOM));
    expect(Object.keys(opener ?? {}).sort()).toEqual(['identityKey', 'unwrapSubjectKey']);
  });

  it('let a relay without a root tell who it is and sign webhooks, and nothing else', () => {
    const full = KeyRing.ofRoots([key(OLD, 0)], clock);
    const [webhookKey, callbackToken] = [Buffer.alloc(32, 1), 'ab'.repeat(32)];
    const relay = KeyRing.ofRelayKeys(
      [{ ...{ identityKey: full.identityKey, callbackToken, webhookKey }, fromMs: 0, untilMs: undefined }],
      clock,
    );
    expect([relay.identityKey, relay.callbackToken]).toEqual([full.identityKey, callbackToken]);
    expect(relay.deriveWebhookSecrets('one')).toHaveLength(1);
    expect(() => relay.current).toThrow('no root key');
    expect(() => relay.list()).toThrow('no root key');
  });
});

describe('a planned rotation', () => {
  const rotate = (keys: readonly RootKey[], startMs: number, overlapMs = HOUR_MS): RootKey[] =>
    planRotation(keys, { root: Buffer.alloc(32, NEW), nowMs: START_MS, startMs, overlapMs });

  it('gives the present key its end and keeps all that ended before', () => {
    const ended = key(0x33, 0, 5);
    const planned = rotate([ended, key(OLD, 5)], START_MS + 9);
    expect(planned).toEqual([ended, key(OLD, 5, START_MS + 9 + HOUR_MS), key(NEW, START_MS + 9)]);
    nowMs = START_MS;
    expect(KeyRing.ofRoots(planned, clock).identityKey).toBe(identityOf(OLD));
  });

  it('without an overlap ends every key at once: one that was retiring, and one that was only planned', () => {
    const planned = rotate([key(0x33, 0, START_MS + HOUR_MS), key(OLD, 5)], START_MS, 0);
    expect(planned).toEqual([key(0x33, 0, START_MS), key(OLD, 5, START_MS), key(NEW, START_MS)]);
    const hurried = rotate([key(OLD, 0, START_MS + 9), key(0x33, START_MS + 8)], START_MS, 0);
    expect(hurried).toEqual([key(OLD, 0, START_MS), key(0x33, START_MS - 1, START_MS), key(NEW, START_MS)]);
    nowMs = START_MS;
    for (const keys of [planned, hurried]) {
      const ring = KeyRing.ofRoots(keys, clock);
      expect(ring.list().map(({ identityKey }) => identityKey)).toEqual([identityOf(NEW)]);
    }
  });

  it('is refused while another is planned, where there is no key, and where there are too many', () => {
    expect(() => rotate([key(OLD, 0, START_MS + 7), key(0x33, START_MS + 1)], START_MS)).toThrow(/planned already/u);
    expect(() => rotate([], START_MS)).toThrow(/no key to rotate/u);
    const many = Array.from({ length: 64 }, (_, index) => key(index + 1, index, index === 63 ? undefined : index + 1));
    expect(() => rotate(many, START_MS)).toThrow(/64 keys/u);
  });
});

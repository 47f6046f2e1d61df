import { LockingScript, OverlayAdminTokenTemplate, PrivateKey, PushDrop, Utils, type WalletProtocol } from '@bsv/sdk';
import { limits, type Coin, type Transaction } from '#atomic-core';
import { DevWallet } from '#testkit';
import { isAdvertisableUri } from './is-advertisable-uri';
import { ADVERTISEMENTS_MAX, judgeAdvertisements, listLookupKeys, readAdvertisement } from './read-advertisement';

const wallet = new DevWallet(PrivateKey.fromHex('5e'.repeat(32)));
const { identityKey } = wallet;
const DOMAIN = 'https://overlay.example.com';
const SHIP: WalletProtocol = [2, 'service host interconnect'];
const SLAP: WalletProtocol = [2, 'service lookup availability'];

/** As `WalletAdvertiser` of `overlay-discovery-services` makes them. */
const lock = (texts: readonly string[], protocol = SHIP, over: { key?: string; by?: DevWallet } = {}) =>
  new PushDrop(over.by ?? wallet).lock(
    texts.map((text, place) => Utils.toArray(text, place === 1 ? 'hex' : 'utf8')),
    protocol,
    over.key ?? '1',
    'anyone',
    true,
  );
const octets = (script: LockingScript): Uint8Array => Uint8Array.from(script.toBinary());
const ship = async (over: Partial<Record<'word' | 'key' | 'uri' | 'name', string>> = {}) =>
  octets(await lock([over.word ?? 'SHIP', over.key ?? identityKey, over.uri ?? DOMAIN, over.name ?? 'tm_documents']));

describe('an advertisement', () => {
  it('is read as the SDK decodes it', async () => {
    const script = await ship();
    const { domain, topicOrService } = OverlayAdminTokenTemplate.decode(LockingScript.fromBinary([...script]));
    expect(readAdvertisement(script, 'SHIP')).toEqual({ identityKey, domain, hosted: topicOrService });
    const slap = octets(await lock(['SLAP', identityKey, DOMAIN, 'ls_documents'], SLAP));
    expect(readAdvertisement(slap, 'SLAP')).toEqual({ identityKey, domain: DOMAIN, hosted: 'ls_documents' });
    expect([readAdvertisement(slap, 'SHIP'), readAdvertisement(script, 'SLAP')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['a path', () => ship({ uri: `${DOMAIN}/path` })],
    ['a lookup service where a topic belongs', () => ship({ name: 'ls_documents' })],
    ['a name that is none', () => ship({ name: 'tm_Documents' })],
    ['a sixth field', async () => octets(await lock(['SHIP', identityKey, DOMAIN, 'tm_documents', 'more']))],
    ['three fields', async () => octets(await lock(['SHIP', identityKey, DOMAIN]))],
    ['the name of another', () => ship({ key: PrivateKey.fromRandom().toPublicKey().toString() })],
    ['a key off the curve', () => ship({ key: `02${'00'.repeat(32)}` })],
    ['a short key', () => ship({ key: '0202' })],
    ['another protocol', async () => octets(await lock(['SHIP', identityKey, DOMAIN, 'tm_documents'], SLAP))],
    [
      'another key id',
      async () => octets(await lock(['SHIP', identityKey, DOMAIN, 'tm_documents'], SHIP, { key: '2' })),
    ],
    ['no UTF-8', async () => (await ship()).map((octet, at) => (at === 1 + 33 + 1 + 1 ? 0xff : octet))],
  ])('is none with %s', async (_what, make) => {
    expect(readAdvertisement(await make(), 'SHIP')).toBeUndefined();
  });

  it('is none when its fields are locked with a key of somebody else', async () => {
    const thief = PrivateKey.fromRandom().toPublicKey().toDER() as number[];
    const stolen = await ship();
    stolen.set(thief, 1);
    expect(readAdvertisement(stolen, 'SHIP')).toBeUndefined();
  });

  it('has keys within the limits of a lookup, for the longest name too', () => {
    const keys = listLookupKeys({
      identityKey,
      domain: `https://${'x'.repeat(400)}.example`,
      hosted: `tm_${'x'.repeat(47)}`,
    });
    expect(new Set(keys).size).toBe(limits.LOOKUP_KEYS_MAX);
    for (const key of keys) expect(Buffer.byteLength(key)).toBeLessThanOrEqual(limits.LOOKUP_KEY_BYTES_MAX);
  });
});

describe('the judge of advertisements', () => {
  const subjectOf = (scripts: readonly Uint8Array[]) =>
    ({ outputs: scripts.map((lockingScript) => ({ satoshis: 1, lockingScript })) }) as unknown as Transaction;
  const coin = { inputIndex: 3 } as Coin;

  it('admits what is well made, leaves the rest, and withdraws what is spent', async () => {
    const subject = subjectOf([Uint8Array.of(0x51), await ship(), await ship({ uri: 'ftp://example.com' })]);
    expect(judgeAdvertisements('SHIP', subject, [coin])).toMatchObject({
      admitted: true,
      admittance: { admit: [{ vout: 1 }], coinsToRetain: [], coinsToRemove: [3] },
    });
    expect(judgeAdvertisements('SHIP', subjectOf([]), [coin])).toMatchObject({ admitted: true });
  });

  it('has no business with any other transaction', async () => {
    const verdict = judgeAdvertisements('SLAP', subjectOf([await ship()]), []);
    expect(verdict).toMatchObject({ admitted: false, isElsewhere: true });
  });

  it('checks a bounded number of signatures', async () => {
    const script = await ship();
    const many = (count: number) => subjectOf(Array.from({ length: count }, () => script));
    expect(judgeAdvertisements('SHIP', many(ADVERTISEMENTS_MAX), [])).toMatchObject({ admitted: true });
    const refused = judgeAdvertisements('SHIP', many(ADVERTISEMENTS_MAX + 1), []);
    expect(refused).toMatchObject({ admitted: false, reason: `more than ${ADVERTISEMENTS_MAX} advertisements` });
    expect(refused).not.toHaveProperty('isElsewhere');
  });
});

describe('a place that can be advertised (BRC-101)', () => {
  it.each([
    'https://example.com',
    'https://example.com:8443',
    'https+bsvauth://example.com',
    'https+bsvauth+smf://example.com',
    'https+bsvauth+scrypt-offchain://example.com',
    'https+rtt://example.com',
    'wss://example.com/events',
    'js8c+bsvauth+smf:?lat=40&long=-130&freq=40meters&radius=1000miles',
  ])('%s', (uri) => {
    expect(isAdvertisableUri(uri)).toBe(true);
  });

  it.each([
    '',
    'http://example.com',
    'https://localhost',
    'https://LOCALHOST:8080',
    'https+bsvauth://localhost',
    'https://example.com/path',
    'https://',
    'https://user@example.com',
    'https://exam\nple.com',
    'https://example.com ',
    'wss://localhost',
    'javascript:alert(1)',
    'js8c+bsvauth+smf:lat=40',
    'js8c+bsvauth+smf:?lat=91&long=0&freq=40&radius=10',
    'js8c+bsvauth+smf:?lat=40&long=0&freq=none&radius=10',
    'js8c+bsvauth+smf:?lat=40&long=0&freq=40',
    `https://${'x'.repeat(600)}.com`,
  ])('not %j', (uri) => {
    expect(isAdvertisableUri(uri)).toBe(false);
  });
});

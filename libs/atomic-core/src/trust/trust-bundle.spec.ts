import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { openGatewayKeys } from '../identity/gateway-keys';
import { isMoment, readTrustBundle } from './read-trust-bundle';
import { BUNDLE_PROTOCOL, ENDORSEMENT_PROTOCOL, TRUST_KEY_ID } from './trust-bundle';
import type { TrustBundle } from './trust-bundle';
import { verifyTrustBundle } from './verify-trust-bundle';
import { writeCanonicalJson } from './write-canonical-json';
import { writeBundleJson, writeEndorsement, writeTrustBundle } from './write-trust-bundle';

const keys = openGatewayKeys('11'.repeat(32));
const certifierKey = PrivateKey.fromHex('44'.repeat(32));
const certifier = certifierKey.toPublicKey().toString();
const type = Buffer.alloc(32, 7).toString('base64');

/** As any BRC-100 wallet signs it. */
const endorse = async (over: { gateway?: string; organisation?: string; type?: string } = {}): Promise<string> => {
  const { signature } = await new ProtoWallet(certifierKey).createSignature({
    data: [...writeEndorsement({ gateway: keys.identityKey, organisation: 'acme', type, ...over })],
    protocolID: [...ENDORSEMENT_PROTOCOL],
    keyID: TRUST_KEY_ID,
    counterparty: 'anyone',
  });
  return Buffer.from(signature).toString('hex');
};
const makeBundle = async (over: Partial<TrustBundle> = {}): Promise<TrustBundle> => ({
  ...{ issuer: keys.identityKey, organisation: 'acme', sequence: 7 },
  ...{ issuedAt: '2026-11-30T02:00:00.000Z', expiresAt: '2026-12-30T02:00:00.000Z' },
  rules: [
    {
      ...{ certifier, type, fields: ['name', 'role'], revocable: true, from: '2026-11-01T00:00:00.000Z' },
      ...{ until: undefined, endorsement: await endorse() },
    },
  ],
  ...over,
});
const sign = (bundle: TrustBundle) => ({
  bundle: writeBundleJson(bundle),
  signature: Buffer.from(keys.signTrustBundle(writeTrustBundle(bundle))).toString('hex'),
});
/** As it arrives at another gateway. */
const judge = (value: unknown): string => {
  const read = readTrustBundle(JSON.parse(JSON.stringify(value)));
  if (!read.ok) return read.rejection.code;
  const verified = verifyTrustBundle(read.value);
  return verified.ok ? 'verified' : verified.rejection.code;
};

describe('canonical JSON', () => {
  it('has no white space, one order and no absent members', () => {
    const value = { b: [1, true, { d: 'é\n', c: '' }], a: undefined, B: 'x' };
    expect(writeCanonicalJson(value)).toBe('{"B":"x","b":[1,true,{"c":"","d":"é\\n"}]}');
    expect(() => writeCanonicalJson({ a: 1.5 })).toThrow('whole numbers');
  });
});

describe('a moment', () => {
  it('is a day that there is, in one spelling', () => {
    const good = ['2024-02-29T23:59:59.999Z', '2000-02-29T00:00:00.000Z', '2026-12-31T00:00:00.000Z'];
    const bad = [
      '2026-02-29T00:00:00.000Z',
      '2100-02-29T00:00:00.000Z',
      '2026-00-01T00:00:00.000Z',
      '0000-01-01T00:00:00.000Z',
    ];
    expect(good.filter((text) => !isMoment(text))).toEqual([]);
    expect([...bad, '2026-13-01T00:00:00.000Z', '2026-01-00T00:00:00.000Z', 7].filter(isMoment)).toEqual([]);
  });
});

describe('a trust bundle', () => {
  it('is verified by the SDK as "anyone", over the octets that are written down', async () => {
    const bundle = await makeBundle();
    const { signature } = sign(bundle);
    const text = writeTrustBundle(bundle).toString('utf8');
    expect(text).toBe(
      `{"expiresAt":"2026-12-30T02:00:00.000Z","issuedAt":"2026-11-30T02:00:00.000Z","issuer":"${keys.identityKey}","organisation":"acme","rules":[{` +
        `"certifier":"${certifier}","endorsement":"${await endorse()}","fields":["name","role"],"from":"2026-11-01T00:00:00.000Z","revocable":true,"type":"${type}"}],` +
        `"sequence":7,"version":1}`,
    );
    await expect(
      new ProtoWallet('anyone').verifySignature({
        data: [...Buffer.from(text, 'utf8')],
        signature: [...Buffer.from(signature, 'hex')],
        protocolID: [...BUNDLE_PROTOCOL],
        keyID: TRUST_KEY_ID,
        counterparty: keys.identityKey,
      }),
    ).resolves.toMatchObject({ valid: true });
    expect(judge(sign(bundle))).toBe('verified');
  });

  it('is the same in whichever order its members arrive', async () => {
    const { bundle, signature } = sign(await makeBundle());
    const reordered = Object.fromEntries(Object.entries(bundle).reverse());
    const rules = bundle.rules.map((rule) => Object.fromEntries(Object.entries(rule).reverse()));
    expect(judge({ signature, bundle: { ...reordered, rules } })).toBe('verified');
  });

  it('is not verified with one member changed', async () => {
    const { bundle, signature } = sign(await makeBundle());
    const [rule] = bundle.rules;
    const changes: readonly object[] = [
      { organisation: 'globex' },
      { sequence: 8 },
      { expiresAt: '2026-12-31T02:00:00.000Z' },
      { issuer: certifier },
      { rules: [] },
      { rules: [{ ...rule, fields: ['name'] }] },
      { rules: [{ ...rule, revocable: false }] },
      { rules: [{ ...rule, until: '2026-12-01T00:00:00.000Z' }] },
    ];
    for (const change of changes)
      expect([change, judge({ signature, bundle: { ...bundle, ...change } })]).toEqual([
        change,
        'trust-bundle-signature-invalid',
      ]);
  });

  it('names no certifier that does not say itself, for this gateway, organisation and type, that it is theirs', async () => {
    const [rule] = (await makeBundle()).rules;
    const foreign = [
      await endorse({ organisation: 'globex' }),
      await endorse({ gateway: certifier }),
      await endorse({ type: Buffer.alloc(32, 8).toString('base64') }),
      sign(await makeBundle()).signature,
    ];
    for (const endorsement of foreign)
      expect(judge(sign(await makeBundle({ rules: [{ ...rule!, endorsement }] })))).toBe('trust-certifier-foreign');
    const other = PrivateKey.fromHex('55'.repeat(32)).toPublicKey().toString();
    expect(judge(sign(await makeBundle({ rules: [{ ...rule!, certifier: other }] })))).toBe('trust-certifier-foreign');
  });

  it('has a rule that ends and the one that comes after it, and no two of one moment', async () => {
    const [rule] = (await makeBundle()).rules;
    const turn = '2026-12-10T00:00:00.000Z';
    const follow = async (over: object): Promise<string> =>
      judge(
        sign(
          await makeBundle({
            rules: [
              { ...rule!, until: turn },
              { ...rule!, from: turn, ...over },
            ],
          }),
        ),
      );
    expect(await follow({ fields: ['name'] })).toBe('verified');
    expect(await follow({ from: '2026-12-09T23:59:59.999Z' })).toBe('trust-bundle-malformed');
    expect(await follow({ from: rule!.from, until: turn })).toBe('trust-bundle-malformed');
  });

  it('is malformed with anything that it may not hold, or in another spelling', async () => {
    const good = await makeBundle();
    const { bundle, signature } = sign(good);
    const [rule] = bundle.rules;
    const withRule = (over: object) => ({ signature, bundle: { ...bundle, rules: [{ ...rule, ...over }] } });
    const withBundle = (over: object) => ({ signature, bundle: { ...bundle, ...over } });
    const wrong: readonly unknown[] = [
      ...[null, [], 'text', {}, { bundle }, { bundle, signature: 'zz' }, { bundle, signature, more: 1 }],
      ...[withBundle({ more: 1 }), withBundle({ version: 2 }), withBundle({ issuer: `02${'ff'.repeat(32)}` })],
      ...[withBundle({ sequence: 0 }), withBundle({ sequence: 1.5 }), withBundle({ sequence: 2 ** 53 })],
      ...[withBundle({ sequence: '7' }), withBundle({ organisation: 'Acme' }), withBundle({ organisation: 7 })],
      ...[withBundle({ issuedAt: '2026-11-30T02:00:00Z' }), withBundle({ expiresAt: '2026-11-30T02:00:00.000+00:00' })],
      ...[withBundle({ expiresAt: bundle.issuedAt }), withBundle({ expiresAt: '2028-11-30T02:00:00.000Z' })],
      ...[withBundle({ rules: {} }), withBundle({ rules: [rule, rule] }), withBundle({ rules: [null] })],
      withBundle({ rules: Array.from({ length: 65 }, () => rule) }),
      withBundle({ rules: [rule, { ...rule, certifier: keys.identityKey, fields: ['name'] }] }),
      ...[
        withRule({ fields: ['role', 'name'] }),
        withRule({ fields: ['name', 'name'] }),
        withRule({ fields: ['a b'] }),
      ],
      ...[withRule({ fields: 'name' }), withRule({ type: 'AAAA' }), withRule({ certifier: certifier.toUpperCase() })],
      ...[
        withRule({ revocable: 'yes' }),
        withRule({ from: 'now' }),
        ...[withRule({ from: '2026-02-29T00:00:00.000Z' }), withRule({ from: '2026-11-30T24:00:00.000Z' })],
        withRule({ until: null }),
        withRule({ endorsement: '' }),
      ],
      withRule({ more: 1 }),
    ];
    for (const [place, value] of wrong.entries())
      expect([place, judge(value)]).toEqual([place, 'trust-bundle-malformed']);
  });
});

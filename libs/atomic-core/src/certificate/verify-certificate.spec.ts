import { randomBytes } from 'node:crypto';
import { MasterCertificate, PrivateKey, ProtoWallet, SymmetricKey, VerifiableCertificate } from '@bsv/sdk';
import type { WalletCertificate } from '@bsv/sdk';
import fc from 'fast-check';
import { SDK_VECTOR_BYTES, seal, unseal } from '../crypto/symmetric';
import { openGatewayKeys } from '../identity/gateway-keys';
import type { CertificateRule } from './certificate';
import { decryptFields } from './decrypt-fields';
import { readCertificate } from './read-certificate';
import { hashDisclosure, openDisclosure, sealDisclosure } from './seal-disclosure';
import { verifyCertificate } from './verify-certificate';

const keys = openGatewayKeys('11'.repeat(32));
const certifierKey = PrivateKey.fromHex('44'.repeat(32));
const subjectKey = PrivateKey.fromHex('33'.repeat(32));
const caller = subjectKey.toPublicKey().toString();
const certifier = certifierKey.toPublicKey().toString();
const type = Buffer.alloc(32, 7).toString('base64');
const rule: CertificateRule = { certifier, type, fields: ['role'], revocable: true };

interface Issue {
  readonly signer?: PrivateKey;
  readonly fields?: Record<string, string>;
  readonly reveal?: readonly string[];
  readonly outpoint?: string;
}

/** As plain JSON, as it comes over the wire. */
const issue = async ({
  signer = certifierKey,
  fields = { role: 'buyer', name: 'Ann Ode é' },
  reveal = ['role'],
  outpoint = `${'ab'.repeat(32)}.3`,
}: Issue = {}): Promise<Record<string, never>> => {
  const subject = new ProtoWallet(subjectKey);
  const issued = await MasterCertificate.issueCertificateForSubject(
    new ProtoWallet(signer),
    caller,
    fields,
    type,
    async () => outpoint,
  );
  const keyring = await MasterCertificate.createKeyringForVerifier(
    subject,
    issued.certifier,
    keys.identityKey,
    issued.fields,
    [...reveal],
    issued.masterKeyring,
    issued.serialNumber,
  );
  const shown = VerifiableCertificate.fromCertificate(issued as unknown as WalletCertificate, keyring);
  return JSON.parse(JSON.stringify(shown)) as Record<string, never>;
};

const judge = (given: unknown, rules = [rule], by = caller): string | ReadonlyMap<string, string> => {
  const read = readCertificate(given);
  if (!read.ok) return read.rejection.code;
  const verified = verifyCertificate(read.value, { caller: by, rules });
  if (!verified.ok) return verified.rejection.code;
  const values = decryptFields(keys, verified.value);
  return values.ok ? values.value : values.rejection.code;
};

describe('a certificate that the SDK issued', () => {
  it('is verified, and what the rule asks for is decrypted', async () => {
    expect(judge(await issue())).toEqual(new Map([['role', 'buyer']]));
  });

  it('gives no field that the rule does not ask for, though it is disclosed', async () => {
    expect(judge(await issue({ reveal: ['role', 'name'] }))).toEqual(new Map([['role', 'buyer']]));
    const both = { ...rule, fields: ['name', 'role'] };
    expect(judge(await issue({ reveal: ['role', 'name'] }), [both])).toEqual(
      new Map([
        ['name', 'Ann Ode é'],
        ['role', 'buyer'],
      ]),
    );
  });

  it('is refused for another certifier, type or subject, and where a field is missing', async () => {
    const given = await issue();
    expect(judge(given, [])).toBe('certificate-untrusted');
    expect(judge(given, [{ ...rule, certifier: caller }])).toBe('certificate-untrusted');
    expect(judge(given, [{ ...rule, type: given['serialNumber'] as unknown as string }])).toBe('certificate-untrusted');
    expect(judge(given, [rule], certifier)).toBe('certificate-foreign');
    expect(judge(given, [{ ...rule, fields: ['role', 'name'] }])).toBe('certificate-field-missing');
    expect(judge(given, [{ ...rule, fields: ['constructor'] }])).toBe('certificate-field-missing');
  });

  it('that cannot be revoked is accepted where the rule says so', async () => {
    const given = await issue({ outpoint: `${'00'.repeat(32)}.0` });
    expect(judge(given)).toBe('certificate-untrusted');
    expect(judge(given, [{ ...rule, revocable: false }])).toEqual(new Map([['role', 'buyer']]));
  });
});

describe('E3: what is no signature', () => {
  it('is a refusal here and an exception of the SDK', async () => {
    const given = await issue();
    for (const signature of ['', '00', '30'.repeat(70)]) {
      const sdk = new VerifiableCertificate(
        given['type'] as never,
        given['serialNumber'] as never,
        given['subject'] as never,
        given['certifier'] as never,
        given['revocationOutpoint'] as never,
        given['fields'] as never,
        {},
        signature,
      );
      await expect(sdk.verify()).rejects.toThrow();
      expect(['certificate-malformed', 'certificate-signature-invalid']).toContain(judge({ ...given, signature }));
    }
  });

  it('is one by another key, or over another content', async () => {
    const [given, other] = [await issue(), await issue()];
    const swapped = ['serialNumber', 'revocationOutpoint', 'fields', 'signature'];
    expect(judge({ ...other, certifier: caller, subject: caller }, [{ ...rule, certifier: caller }])).toBe(
      'certificate-signature-invalid',
    );
    for (const member of swapped) {
      const value = member === 'revocationOutpoint' ? `${'ab'.repeat(32)}.4` : other[member];
      expect(judge({ ...given, [member]: value, keyring: other['keyring'] })).toBe('certificate-signature-invalid');
    }
  });
});

it('E1: the SDK verifies its default outpoint and no longer does after its own bytes; here it is refused at once', async () => {
  const given = await issue({ outpoint: '00'.repeat(32) });
  const sdk = VerifiableCertificate.fromObject(given as never);
  await expect(sdk.verify()).resolves.toBe(true);
  await expect(VerifiableCertificate.fromBinary(sdk.toBinary()).verify()).rejects.toThrow();
  expect(judge(given)).toBe('certificate-malformed');
});

it('E4: the SDK signs names in the order of letters, other programs in that of octets; here such names are refused', async () => {
  const given = await issue({ fields: { Zip: '1', age: '2' }, reveal: [] });
  const sdk = VerifiableCertificate.fromObject(given as never);
  const text = Buffer.from(sdk.toBinary(false)).toString('latin1');
  expect(text.indexOf('age')).toBeLessThan(text.indexOf('Zip'));
  expect(judge(given, [{ ...rule, fields: [] }])).toBe('certificate-malformed');
});

it('refuses keys that are not those of the fields: swapped, of another certificate, cut off, changed', async () => {
  const both = { ...rule, fields: ['name', 'role'] };
  const given = await issue({ reveal: ['role', 'name'] });
  const other = await issue({ reveal: ['role', 'name'] });
  const keyring = given['keyring'] as unknown as Record<'name' | 'role', string>;
  const flipped = Buffer.from(keyring.role, 'base64');
  flipped[40]! ^= 1;
  const rings = [
    { name: keyring.role, role: keyring.name },
    other['keyring'],
    { ...keyring, role: flipped.toString('base64') },
    { ...keyring, role: Buffer.from(keyring.role, 'base64').subarray(0, 79).toString('base64') },
    { ...keyring, role: randomBytes(80).toString('base64') },
  ];
  expect(judge(given, [both])).toBeInstanceOf(Map);
  for (const ring of rings) expect(judge({ ...given, keyring: ring }, [both])).toBe('certificate-undecryptable');
});

it('refuses a ciphertext that the certifier signed and that opens to nothing, or to no text', async () => {
  const subject = new ProtoWallet(subjectKey);
  const fieldKey = randomBytes(32);
  const { ciphertext } = await subject.encrypt({
    plaintext: [...fieldKey],
    protocolID: [2, 'certificate field encryption'],
    keyID: `${Buffer.alloc(32, 5).toString('base64')} role`,
    counterparty: keys.identityKey,
  });
  const sign = async (octets: Uint8Array): Promise<unknown> => {
    const draft = new MasterCertificate(
      type,
      Buffer.alloc(32, 5).toString('base64'),
      caller,
      certifier,
      `${'ab'.repeat(32)}.0`,
      { role: Buffer.from(octets).toString('base64') },
      { role: 'unused' },
    );
    await draft.sign(new ProtoWallet(certifierKey));
    const { masterKeyring: _own, ...certificate } = draft;
    return { ...certificate, keyring: { role: Buffer.from(ciphertext).toString('base64') } };
  };
  const sealed = seal(Buffer.from('buyer'), { key: fieldKey, vector: randomBytes(32) });
  expect(judge(await sign(sealed))).toEqual(new Map([['role', 'buyer']]));
  expect(judge(await sign(sealed.subarray(0, -1)))).toBe('certificate-undecryptable');
  const noText = seal(Buffer.of(0xff, 0xfe), { key: fieldKey, vector: randomBytes(32) });
  expect(judge(await sign(noText))).toBe('certificate-undecryptable');
});

it('seals and opens what SymmetricKey of the SDK opens and seals', () => {
  // Empty texts the SDK seals and does not open.
  const octets = fc.uint8Array({ minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(octets, fc.uint8Array({ minLength: 32, maxLength: 32 }), (plain, key) => {
      const sdk = new SymmetricKey([...key]);
      expect([...unseal(Uint8Array.from(sdk.encrypt([...plain]) as number[]), sdkSide(key))!]).toEqual([...plain]);
      expect(sdk.decrypt([...seal(plain, { key, vector: randomBytes(32) })])).toEqual([...plain]);
    }),
    { numRuns: 50 },
  );
});
const sdkSide = (key: Uint8Array): { key: Uint8Array; vectorBytes: number } => ({ key, vectorBytes: SDK_VECTOR_BYTES });

describe('what is kept of a disclosure', () => {
  const owner = { organisation: 'acme', subject: caller, certificateHash: Buffer.alloc(32, 1) };
  const values = new Map([['role', 'buyer']]);
  const dataKey = Buffer.alloc(32, 9);

  it('opens with its key, for its owner and certificate, and with nothing else', () => {
    const sealed = sealDisclosure(values, owner, { dataKey, vector: randomBytes(12) });
    expect(sealed.toString('latin1')).not.toContain('buyer');
    expect(openDisclosure(sealed, owner, dataKey)).toEqual(values);
    for (const other of [
      { ...owner, organisation: 'other' },
      { ...owner, subject: certifier },
      { ...owner, certificateHash: Buffer.alloc(32, 2) },
    ])
      expect(openDisclosure(sealed, other, dataKey)).toBeUndefined();
    expect(openDisclosure(sealed, owner, Buffer.alloc(32, 8))).toBeUndefined();
    for (const cut of [0, 11, 27, sealed.length - 1])
      expect(openDisclosure(sealed.subarray(0, cut), owner, dataKey)).toBeUndefined();
  });

  it('is hashed under the key, so that the same value has the same hash there and another everywhere else', () => {
    const hash = hashDisclosure(values, owner, dataKey).get('role');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashDisclosure(values, owner, dataKey).get('role')).toBe(hash);
    expect(hashDisclosure(new Map([['role', 'seller']]), owner, dataKey).get('role')).not.toBe(hash);
    expect(hashDisclosure(values, owner, Buffer.alloc(32, 8)).get('role')).not.toBe(hash);
  });

  it('needs a key that this gateway alone can unwrap, for its owner alone', () => {
    const wrapped = keys.wrapSubjectKey(dataKey, randomBytes(12), owner);
    expect(Buffer.from(keys.unwrapSubjectKey(wrapped, owner)!)).toEqual(dataKey);
    expect(keys.unwrapSubjectKey(wrapped, { ...owner, subject: certifier })).toBeUndefined();
    expect(keys.unwrapSubjectKey(wrapped, { ...owner, organisation: 'acm' })).toBeUndefined();
    expect(openGatewayKeys('12'.repeat(32)).unwrapSubjectKey(wrapped, owner)).toBeUndefined();
  });
});

import { randomBytes } from 'node:crypto';
import { PrivateKey } from '@bsv/sdk';
import { CERTIFICATE_FIELDS_MAX, CERTIFICATE_FIELD_BYTES_MAX } from '../limits';
import { printRevocationOutpoint, readCertificate } from './read-certificate';

const base64 = (bytes: number): string => randomBytes(bytes).toString('base64');
const subject = PrivateKey.fromHex('33'.repeat(32)).toPublicKey().toString();
const certifier = PrivateKey.fromHex('44'.repeat(32)).toPublicKey().toString();
const good = {
  type: base64(32),
  serialNumber: base64(32),
  subject,
  certifier,
  revocationOutpoint: `${'ab'.repeat(32)}.1`,
  fields: { name: base64(60), role: base64(60) },
  signature: '30'.repeat(70),
  keyring: { name: base64(80) },
};

const detailOf = (value: unknown): string => {
  const read = readCertificate(value);
  if (read.ok) return 'read';
  expect(read.rejection.code).toBe('certificate-malformed');
  return read.rejection.detail;
};
const withFields = (fields: unknown): unknown => ({ ...good, fields, keyring: {} });
/** Own members whatever they are called, as JSON.parse makes them. */
const named = (names: readonly string[], bytes = 48): unknown =>
  JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:"${base64(bytes)}"`).join(',')}}`);

it('reads what is well formed, with its fields in the order in which they are signed', () => {
  const read = readCertificate({ ...good, fields: { role: good.fields.role, name: good.fields.name } });
  if (!read.ok) throw new Error(read.rejection.detail);
  expect([...read.value.certificate.fields.keys()]).toEqual(['name', 'role']);
  expect([...read.value.keyring.keys()]).toEqual(['name']);
  expect(printRevocationOutpoint(read.value.certificate)).toBe(good.revocationOutpoint);
});

it('reads one that cannot be revoked, and one that discloses nothing', () => {
  const { keyring: _disclosed, ...undisclosed } = good;
  const read = readCertificate({ ...undisclosed, revocationOutpoint: `${'0'.repeat(64)}.0` });
  if (!read.ok) throw new Error(read.rejection.detail);
  expect(read.value.certificate.revocationOutpoint).toBeUndefined();
  expect(printRevocationOutpoint(read.value.certificate)).toBe(`${'0'.repeat(64)}.0`);
  expect(read.value.keyring.size).toBe(0);
});

describe('E1: a revocation outpoint', () => {
  it('without an output number, as the SDK issues it by default, is refused in so many words', () => {
    expect(detailOf({ ...good, revocationOutpoint: '00'.repeat(32) })).toContain('lacks its output number');
  });

  it.each([
    '',
    `${'AB'.repeat(32)}.0`,
    `${'ab'.repeat(31)}.0`,
    `${'ab'.repeat(32)}.`,
    `${'ab'.repeat(32)}.00`,
    `${'ab'.repeat(32)}.-1`,
    `${'ab'.repeat(32)}.1e1`,
    `${'ab'.repeat(32)}.4294967296`,
    `${'ab'.repeat(32)}.0.0`,
    `${'00'.repeat(32)}.1`,
    7,
    null,
    undefined,
  ])('%j is refused', (revocationOutpoint) => {
    expect(detailOf({ ...good, revocationOutpoint })).toContain('outp');
  });
});

describe('E4: the names of fields', () => {
  it.each([
    [['zip', 'Age'], 'read'],
    [['Zip', 'age'], 'another order'],
    [['firstName', 'lastName'], 'read'],
    [['firstName', 'firstage'], 'another order'],
    [['a', 'A'], 'another order'],
    [['item2', 'item10'], 'read'],
    [['constructor', 'toString'], 'read'],
    [['__proto__'], 'ASCII letters and digits'],
    [['_x'], 'ASCII letters and digits'],
    [['é'], 'ASCII letters and digits'],
    [['a b'], 'ASCII letters and digits'],
    [[''], 'ASCII letters and digits'],
    [['n'.repeat(49)], 'read'],
    [['n'.repeat(50)], '50 octets'],
  ])('%j: %s', (names, wanted) => {
    expect(detailOf(withFields(named(names)))).toContain(wanted);
  });
});

it('holds fields to their limits before it looks into them', () => {
  const many = (count: number): string[] => Array.from({ length: count }, (_, place) => `f${place}`);
  expect(detailOf(withFields(named(many(CERTIFICATE_FIELDS_MAX))))).toBe('read');
  expect(detailOf(withFields(named(many(CERTIFICATE_FIELDS_MAX + 1))))).toContain('more than 64');
  expect(detailOf(withFields(named(many(10_000))))).toContain('more than 64');
  expect(detailOf(withFields(named(['a'], CERTIFICATE_FIELD_BYTES_MAX)))).toBe('read');
  expect(detailOf(withFields(named(['a'], CERTIFICATE_FIELD_BYTES_MAX + 1)))).toContain('8192');
  expect(detailOf(withFields(named(['a'], 2_000_000)))).toContain('longer than');
  expect(detailOf(withFields(named(many(5), CERTIFICATE_FIELD_BYTES_MAX)))).toContain('32768');
});

it.each<[string, unknown]>([
  ['no object', null],
  ['a list', []],
  ['a member too many', { ...good, masterKeyring: {} }],
  ['a plaintext beside it', { ...good, decryptedFields: { name: 'Ann' } }],
  ['a short type', { ...good, type: base64(31) }],
  ['a type in another spelling', { ...good, type: base64(32).replace('=', '') }],
  ['a serial number that is none', { ...good, serialNumber: 7 }],
  ['a subject in upper case', { ...good, subject: subject.toUpperCase() }],
  ['a certifier off the curve', { ...good, certifier: `02${'ff'.repeat(32)}` }],
  ['a signature in upper case', { ...good, signature: 'AB' }],
  ['a signature of a megabyte', { ...good, signature: 'ab'.repeat(500_000) }],
  ['no fields', { ...good, fields: undefined }],
  ['fields as a list', withFields(['x'])],
  ['a field that is no text', withFields({ name: 7 })],
  ['a field that is not base64', withFields({ name: '*'.repeat(64) })],
  ['a field that is too short', withFields({ name: base64(47) })],
  ['a keyring as a list', { ...good, keyring: [] }],
  ['a key for no field', { ...good, keyring: { other: base64(80) } }],
  ['a key of no length', { ...good, keyring: { name: base64(48) } }],
  ['a key too long', { ...good, keyring: { name: base64(81) } }],
  ['a key that is no text', { ...good, keyring: { name: {} } }],
])('refuses %s', (_what, value) => {
  expect(detailOf(value)).not.toBe('read');
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey } from '@bsv/sdk';
import { makeCertificateType, TestCertifier } from '#testkit';
import { KeyRing } from '../keys';
import { readOwnCertificates } from './read-own-certificates';

const TYPE = makeCertificateType(51);
const OLD = '11'.repeat(32);
const NEXT = '22'.repeat(32);
const identityOf = (root: string): string => PrivateKey.fromHex(root).toPublicKey().toString();
const certifier = new TestCertifier();
const everybody = [{ to: ['*'], fields: ['name'] }];

/** The old key ended an hour ago, unless told. */
const openRing = (untilMs = Date.now() - 3_600_000): KeyRing =>
  KeyRing.ofRoots([
    { root: Buffer.from(OLD, 'hex'), fromMs: 0, untilMs },
    { root: Buffer.from(NEXT, 'hex'), fromMs: 1, untilMs: undefined },
  ]);

let folder: string;
let place: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-read-own-'));
  place = join(folder, 'certificates.json');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const issue = async (subject = identityOf(NEXT), names: readonly string[] = ['name', 'role']) => {
  const fields = Object.fromEntries(names.map((name) => [name, `of ${name}`]));
  const { type, serialNumber, revocationOutpoint, ...rest } = await certifier.issue(subject, { type: TYPE, fields });
  const { certifier: signer, fields: sealed, signature, masterKeyring } = rest;
  return {
    ...{ type, serialNumber, subject, certifier: signer, revocationOutpoint },
    ...{ fields: sealed, signature, masterKeyring },
  };
};
const read = (content: unknown, ring = openRing()) => {
  writeFileSync(place, typeof content === 'string' ? content : JSON.stringify(content));
  return readOwnCertificates(place, ring);
};

it('takes what a certifier says of a key that counts, current or retiring', async () => {
  const ring = openRing(Date.now() + 3_600_000);
  const entries = await Promise.all(
    [OLD, NEXT].map(async (root) => ({ certificate: await issue(identityOf(root)), reveal: everybody })),
  );
  const { showable, ended } = read(entries, ring);
  expect(ended).toEqual([]);
  expect(showable.map(({ own }) => [own.certificate.subject, [...own.fieldKeys.keys()]])).toEqual([
    [identityOf(OLD), ['name', 'role']],
    [identityOf(NEXT), ['name', 'role']],
  ]);
});

it('leaves out what is of a key of ours that has ended: its end must not stop a restart', async () => {
  const certificate = await issue(identityOf(OLD));
  expect(read([{ certificate, reveal: everybody }])).toEqual({ showable: [], ended: [identityOf(OLD)] });
});

describe('stops the start, and says why,', () => {
  const refuse = async (
    change: (certificate: Awaited<ReturnType<typeof issue>>) => unknown,
    reveal: unknown,
    why: string,
  ) => expect(() => read([{ certificate: change(certificate), reveal }])).toThrow(why);
  let certificate: Awaited<ReturnType<typeof issue>>;
  beforeAll(async () => {
    certificate = await issue();
  });

  it.each<[string, (one: Awaited<ReturnType<typeof issue>>) => unknown, string]>([
    [
      'where it is about somebody else',
      (one) => ({ ...one, subject: identityOf('33'.repeat(32)) }),
      'which is no key of this gateway',
    ],
    [
      'where it was changed',
      (one) => ({ ...one, revocationOutpoint: `${'ab'.repeat(32)}.0` }),
      'not signed by the certifier',
    ],
    [
      'where it has the keyring of a verifier',
      ({ masterKeyring, ...one }) => ({ ...one, keyring: masterKeyring }),
      'its subject has a masterKeyring',
    ],
    [
      'where a field has no key',
      ({ masterKeyring, ...one }) => ({ ...one, masterKeyring: { name: masterKeyring['name'] } }),
      'no key for the field role',
    ],
    [
      'where the key of a field opens another',
      ({ masterKeyring, ...one }) => ({
        ...one,
        masterKeyring: { name: masterKeyring['role'], role: masterKeyring['name'] },
      }),
      'does not open it',
    ],
    ['where it is none', () => null, 'A certificate is a JSON object'],
  ])('%s', (_what, change, why) => refuse(change, everybody, why));

  it.each<[string, unknown, string]>([
    [
      'where a field is to be revealed that it does not have',
      [{ to: ['*'], fields: ['salary'] }],
      'it has no field salary',
    ],
    ['where nobody may see it', [], 'is not valid'],
    [
      'where it is for what is no name',
      [{ to: ['Acme Inc.'], fields: ['name'] }],
      'must be an identity key, an organisation, or *',
    ],
  ])('%s', (_what, reveal, why) => refuse((one) => one, reveal, why));

  it('where it is there twice', () => {
    const entry = { certificate, reveal: everybody };
    expect(() => read([entry, entry])).toThrow('has a certificate twice');
  });

  it('where showing all of them would cost too much', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `f${String(index + 10)}`);
    const entries = await Promise.all(
      [1, 2].map(async () => ({
        certificate: await issue(undefined, names),
        reveal: [{ to: ['*'], fields: ['f10'] }],
      })),
    );
    expect(() => read(entries)).toThrow('more than 64 fields');
  });

  it.each([
    ['no JSON', '{"masterKeyring', 'is not JSON.'],
    ['a large file', ' '.repeat(300_000), 'has more than 262144 bytes'],
    ['an empty list', '[]', 'is not valid'],
  ])('where the file is %s', (_what, text, why) => {
    expect(() => read(text)).toThrow(why);
  });

  it('where there is no file', () => {
    expect(() => readOwnCertificates(join(folder, 'none.json'), openRing())).toThrow('cannot be read');
  });
});

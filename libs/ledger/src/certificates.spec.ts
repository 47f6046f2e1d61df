import { randomBytes, randomUUID } from 'node:crypto';
import { decodeLeaf, hashState } from '#atomic-core';
import { buildPlainTransaction, createTestDatabase, planPlainCommit, plantBreach, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { eraseDisclosures, findSpender, findSubjectKey, listCertificates, presentCertificate } from './certificates';
import type { Presentation } from './certificates';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(db)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const makeKey = (): Presentation['key'] => ({
  ...{ id: randomUUID(), wrapped: randomBytes(60), wrappedBy: 'key of the gateway', isNew: true },
});
const makeActor = () => ({ organisation: 'acme', identityKey: `key ${randomUUID()}`, requestId: 'r' });
const plan = (over: Partial<Presentation> = {}): Presentation => ({
  actor: makeActor(),
  ...{ certifier: 'certifier', type: 'type', serialNumber: randomUUID(), hash: randomBytes(32) },
  revocationOutpoint: randomOutpoint(),
  revocation: { state: 'good', source: 'test', asOf: '2026-11-22T09:00:00.000Z' },
  isWished: true,
  disclosed: new Map([
    ['name', 'aa'],
    ['role', 'bb'],
  ]),
  disclosure: randomBytes(80),
  key: makeKey(),
  ...over,
});
const countLeaves = async (): Promise<number> => {
  const [row] = await db.query<[{ leaves: number }]>('select count(*)::int as leaves from portcullis.audit_leaf');
  return row.leaves;
};
const kindOf = async (presentation: Presentation): Promise<string> => {
  const done = await presentCertificate(db, presentation);
  return done.ok ? done.value.kind : done.rejection.code;
};
const list = (presentation: Presentation) => listCertificates(db, presentation.actor, 10);

describe('a certificate that is presented', () => {
  it('is kept with its key and a leaf of hashes, and is the same when it is presented again', async () => {
    const presentation = plan();
    const done = await presentCertificate(db, presentation);
    expect(done).toMatchObject({ ok: true, value: { kind: 'presented' } });
    const leaves = await countLeaves();
    expect(await presentCertificate(db, presentation)).toEqual({
      ok: true,
      value: { kind: 'known', auditLeaf: leaves - 1 },
    });
    expect(await countLeaves()).toBe(leaves);
    expect(await findSubjectKey(db, presentation.actor)).toMatchObject({ id: presentation.key.id });
    expect(await list(presentation)).toMatchObject([
      {
        ...{ hash: presentation.hash, fields: ['name', 'role'], revocation: { state: 'good' } },
        ...{ disclosure: presentation.disclosure, presentedLeaf: leaves - 1, revokedBy: undefined },
        revocationOutpoint: presentation.revocationOutpoint,
      },
    ]);
    const [row] = await db.query<[{ leaf: Buffer }]>('select leaf from portcullis.audit_leaf where index = $1', [
      leaves - 1,
    ]);
    const hash = Buffer.from(presentation.hash).toString('hex');
    expect(decodeLeaf(row.leaf)).toMatchObject({
      ...{ decision: 'presented', subject: hash, identityKey: presentation.actor.identityKey },
      afterHash: hashState([`certificate ${hash}`, 'disclosed name aa', 'disclosed role bb']),
    });
  });

  it('is refused when its serial number has another content, whoever brings it, and leaves nothing', async () => {
    const presentation = plan();
    expect(await kindOf(presentation)).toBe('presented');
    const leaves = await countLeaves();
    expect(await kindOf({ ...presentation, hash: randomBytes(32) })).toBe('certificate-conflict');
    const stranger = { ...presentation, hash: randomBytes(32), actor: makeActor(), key: makeKey() };
    expect(await kindOf(stranger)).toBe('certificate-conflict');
    expect(await findSubjectKey(db, stranger.actor)).toBeUndefined();
    expect(await countLeaves()).toBe(leaves);
  });

  it('is refused when a field opens to another value than before', async () => {
    const presentation = plan();
    await kindOf(presentation);
    expect(await kindOf({ ...presentation, disclosed: new Map([['name', 'cc']]) })).toBe('certificate-conflict');
  });

  it('discloses what is asked for now: more, or less', async () => {
    const presentation = plan();
    await kindOf(presentation);
    const less = { ...presentation, disclosed: new Map([['role', 'bb']]), disclosure: randomBytes(60) };
    expect(await kindOf(less)).toBe('presented');
    expect(await list(presentation)).toMatchObject([{ fields: ['role'], disclosure: less.disclosure }]);
  });

  it('is not kept under another key than the one that is there', async () => {
    const presentation = plan();
    await kindOf(presentation);
    const late = { ...presentation, serialNumber: randomUUID(), key: makeKey() };
    expect(await kindOf(late)).toBe('key-changed');
    expect(await list(presentation)).toHaveLength(1);
  });

  it('is shown as revoked, and not taken again, as soon as the ledger knows a spender', async () => {
    const presentation = plan();
    await kindOf(presentation);
    expect(await findSpender(db, presentation.revocationOutpoint!)).toBeUndefined();
    const subject = buildPlainTransaction([presentation.revocationOutpoint!]);
    expect(await commitTransition(db, planPlainCommit({ subject }))).toMatchObject({ ok: true });
    expect(await findSpender(db, presentation.revocationOutpoint!)).toBe(subject.txid);
    expect(await list(presentation)).toMatchObject([{ revokedBy: subject.txid }]);
    expect(await kindOf(presentation)).toBe('certificate-revoked');
  });

  it('of many contents at once is one', async () => {
    const first = plan();
    const rivals = Array.from({ length: 12 }, () => ({
      ...{ ...first, actor: makeActor(), key: makeKey(), hash: randomBytes(32) },
    }));
    const kinds = await Promise.all(rivals.map(kindOf));
    expect(kinds.filter((kind) => kind === 'presented')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'certificate-conflict')).toHaveLength(11);
  });
});

describe('an erasure', () => {
  it('destroys the key and every disclosure, and leaves facts, hashes and leaves', async () => {
    const presentation = plan();
    const second = { ...presentation, serialNumber: randomUUID(), hash: randomBytes(32) };
    await kindOf(presentation);
    await kindOf(second);
    const before = await list(presentation);
    const done = await eraseDisclosures(db, presentation.actor, presentation.key);
    expect(done).toEqual({ erased: 2, auditLeaf: (await countLeaves()) - 1 });
    expect(await findSubjectKey(db, presentation.actor)).toBeUndefined();
    const after = await list(presentation);
    expect(after.map(({ disclosure, keyId }) => [disclosure, keyId])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(after.map(({ hash, presentedLeaf }) => [hash, presentedLeaf])).toEqual(
      before.map(({ hash, presentedLeaf }) => [hash, presentedLeaf]),
    );
    expect(await eraseDisclosures(db, presentation.actor, presentation.key)).toBeUndefined();
  });

  it('is undone by the wish of the subject alone, and not by what a client sends with each handshake', async () => {
    const presentation = plan();
    await kindOf(presentation);
    await eraseDisclosures(db, presentation.actor, presentation.key);
    const later = { ...presentation, key: makeKey() };
    expect(await kindOf({ ...later, isWished: false })).toBe('certificate-erased');
    expect(await findSubjectKey(db, presentation.actor)).toBeUndefined();
    expect(await kindOf(later)).toBe('presented');
    expect(await kindOf({ ...later, key: { ...later.key, isNew: false }, isWished: false })).toBe('known');
  });

  it('holds no one off who presents again, under a new key', async () => {
    const presentation = plan();
    await kindOf(presentation);
    await eraseDisclosures(db, presentation.actor, presentation.key);
    const again = {
      ...presentation,
      key: makeKey(),
      disclosure: randomBytes(70),
      disclosed: new Map([['name', 'dd']]),
    };
    expect(await kindOf(again)).toBe('presented');
    expect(await list(presentation)).toMatchObject([{ disclosure: again.disclosure, keyId: again.key.id }]);
  });

  it('is final: whoever encrypted with the key before does not bring it back', async () => {
    const presentation = plan();
    await kindOf(presentation);
    const late = { ...presentation, serialNumber: randomUUID(), hash: randomBytes(32) };
    await eraseDisclosures(db, presentation.actor, presentation.key);
    expect(await kindOf({ ...late, key: { ...late.key, isNew: false } })).toBe('key-changed');
    expect(await findSubjectKey(db, presentation.actor)).toBeUndefined();
  });

  it('and presentations at the same moment leave no disclosure without its key', async () => {
    const presentation = plan();
    await kindOf(presentation);
    const works = Array.from({ length: 20 }, (_, place) =>
      place % 4 === 0
        ? eraseDisclosures(db, presentation.actor, presentation.key)
        : kindOf({
            ...{ ...presentation, serialNumber: randomUUID(), hash: randomBytes(32) },
            key: place % 4 === 1 ? makeKey() : { ...presentation.key, isNew: false },
          }),
    );
    await Promise.all(works);
    const [row] = await db.query<[{ orphans: number }]>(
      `select count(*)::int as orphans from portcullis.certificate c where c.disclosure is not null
       and not exists (select from portcullis.subject_key k where k.id = c.key_id)`,
    );
    expect(row.orphans).toBe(0);
  });
});

describe('the rows', () => {
  it.each([
    'delete from portcullis.certificate',
    `update portcullis.certificate set certificate_hash = sha256('x')`,
    `update portcullis.certificate set subject = 'x'`,
    `update portcullis.subject_key set wrapped = 'x'`,
  ])('give the application no way to: %s', async (statement) => {
    await expect(db.query(statement)).rejects.toThrow('permission denied');
  });

  const free = 'alter table portcullis.certificate';
  it.each<[string, string, readonly string[]]>([
    ['I18', 'lacks its audit leaf', ['update portcullis.certificate set presented_leaf = 1000000']],
    ['I18', 'of other facts', [`update portcullis.certificate set disclosed = '{"name": "ee"}'`]],
    [
      'I19',
      'a key that is not there',
      [`${free} drop constraint certificate_organisation_subject_key_id_fkey`, 'delete from portcullis.subject_key'],
    ],
    [
      'I19',
      'neither disclosed nor erased',
      [
        `${free} drop constraint certificate_erased_by_act`,
        'update portcullis.certificate set key_id = null, disclosure = null, erased_leaf = null',
      ],
    ],
    [
      'I19',
      'still encrypted',
      [
        `${free} drop constraint certificate_erased_by_act`,
        'update portcullis.certificate set erased_leaf = presented_leaf',
      ],
    ],
  ])('%s is found broken: %s', async (invariant, sentence, statements) => {
    expect((await plantBreach(database.owner, statements)).get(invariant)).toContain(sentence);
  });
});

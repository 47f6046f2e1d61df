import { randomBytes, randomUUID } from 'node:crypto';
import type { Outpoint } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  planPlainCommit,
  plantBreach,
  randomOutpoint,
} from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import {
  askCertification,
  beginRevocation,
  decideCertification,
  findCertification,
  issueCertification,
  keepOutpoint,
  leaseCertification,
  listCertifications,
  releaseCertification,
  type CertificationQuestion,
} from './certifications';
import { eraseDisclosures } from './certificates';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { findRevocation } from './revocations';
import { CERTIFIERS_OF_BEFORE } from './sql/bounded-certifications';

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

const certifier = `02${'ab'.repeat(32)}`;
const member = { organisation: 'acme', identityKey: 'member', requestId: 'r' };
const plan = (over: Partial<CertificationQuestion> = {}): CertificationQuestion => ({
  actor: { organisation: 'asker', identityKey: `key ${randomUUID()}`, requestId: 'r' },
  ...{ id: randomUUID(), type: 'type', clientNonce: randomUUID(), serverNonce: randomUUID(), liveMax: 3 },
  ...{ serialNumber: randomUUID(), fields: new Map([['name', randomUUID()]]), state: 'pending' as const },
  ...{ content: randomBytes(32), disclosure: randomBytes(80) },
  key: { id: randomUUID(), wrapped: randomBytes(60), wrappedBy: 'key of the gateway', isNew: true },
  ...over,
});
/** The same subject again, with what else it asks. */
const again = (asked: CertificationQuestion, over: Partial<CertificationQuestion> = {}): CertificationQuestion => ({
  ...plan(),
  ...{ actor: asked.actor, key: { ...asked.key, isNew: false }, type: asked.type, content: asked.content },
  ...over,
});
const ask = async (asked: CertificationQuestion): Promise<string | undefined> => {
  const done = await askCertification(db, asked);
  return done.ok ? done.value : done.rejection.code;
};
const liveMaxOf = new Map([['type', 2]]);
const decide = (id: string, verdict: 'approved' | 'refused') =>
  decideCertification(db, member, { id, verdict, liveMaxOf });
const approve = (id: string) => decide(id, 'approved');
/** A transaction that concerns no topic. */
const commit = async (subject: ReturnType<typeof buildPlainTransaction>): Promise<void> => {
  const input = planPlainCommit({ subject });
  const { transition, baskets } = input;
  const plain = { ...input, transition: { ...transition, topics: [] }, topics: [], baskets: { ...baskets, add: [] } };
  expect((await commitTransition(db, plain)).ok).toBe(true);
};
const commitOutpoint = async (): Promise<Outpoint> => {
  const plain = buildPlainTransaction([randomOutpoint()]);
  await commit(plain);
  return outpointOf(plain);
};
const issue = async (asked: CertificationQuestion): Promise<Outpoint> => {
  const outpoint = await commitOutpoint();
  await keepOutpoint(db, asked.id, outpoint);
  const signed = { id: asked.id, serialNumber: asked.serialNumber, outpoint, certifier, signature: randomBytes(70) };
  const signer = { ...member, identityKey: certifier };
  expect(await issueCertification(db, signer, { ...signed, hash: randomBytes(32) })).toBe(true);
  return outpoint;
};

it('keeps a request once, and knows it by its nonce or by what is to be certified', async () => {
  const asked = plan();
  expect(await Promise.all([ask(asked), ask(asked)])).toEqual([asked.id, asked.id]);
  const next = again(asked);
  expect(await ask(next)).toBe(asked.id);
  expect(await findCertification(db, asked.id)).toMatchObject({ clientNonce: next.clientNonce, fields: next.fields });
  const other = again(asked, { content: randomBytes(32) });
  expect(await ask(other)).toBe(other.id);
  expect(await ask(again(asked, { clientNonce: other.clientNonce }))).toBe('certification-conflict');
});

it('does not put another request in the place of one that is being signed', async () => {
  const asked = plan({ state: 'approved' });
  await ask(asked);
  expect([await leaseCertification(db, asked.id, 60_000), await leaseCertification(db, asked.id, 60_000)]).toEqual([
    true,
    false,
  ]);
  expect(await ask(again(asked))).toBe(asked.id);
  expect(await findCertification(db, asked.id)).toMatchObject({ clientNonce: asked.clientNonce });
  await releaseCertification(db, asked.id);
  expect(await leaseCertification(db, asked.id, 60_000)).toBe(true);
});

it('signs once, with the serial number and the outpoint that are kept, and watches the outpoint from then on', async () => {
  const asked = plan({ state: 'approved' });
  await ask(asked);
  const outpoint = await issue(asked);
  const second = { id: asked.id, serialNumber: asked.serialNumber, outpoint, certifier, signature: randomBytes(70) };
  expect(await issueCertification(db, member, { ...second, hash: randomBytes(32) })).toBe(false);
  expect(await findRevocation(db, outpoint)).toMatchObject({ state: 'unknown' });
  await keepOutpoint(db, asked.id, await commitOutpoint());
  expect(await findCertification(db, asked.id)).toMatchObject({ state: 'issued', outpoint });
  for (const wrong of [{ serialNumber: 'other' }, { outpoint: randomOutpoint() }]) {
    const unsigned = plan({ state: 'approved' });
    await ask(unsigned);
    const given = {
      id: unsigned.id,
      serialNumber: unsigned.serialNumber,
      outpoint,
      certifier,
      signature: randomBytes(70),
    };
    expect(await issueCertification(db, member, { ...given, ...wrong, hash: randomBytes(32) })).toBe(false);
  }
});

it('knows who signed what was issued before that was kept, by its audit leaf', async () => {
  const asked = plan({ state: 'approved' });
  await ask(asked);
  await issue(asked);
  const runner = database.owner.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query(`alter table portcullis.certification drop constraint certification_has_certifier`);
    await runner.query('update portcullis.certification set certifier = null');
    await runner.query(CERTIFIERS_OF_BEFORE);
    expect(await findCertification(runner.manager, asked.id)).toMatchObject({ certifier });
    expect(
      await runner.query('select from portcullis.certification where (certifier is null) <> (signature is null)'),
    ).toEqual([]);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
});

it('decides once, however many decide at the same time', async () => {
  const asked = plan();
  await ask(asked);
  const leaves = await Promise.all(Array.from({ length: 8 }, () => approve(asked.id)));
  expect(leaves.filter((done) => done.ok && done.value !== undefined)).toHaveLength(1);
  expect(leaves.every(({ ok }) => ok)).toBe(true);
  expect(await approve(randomUUID())).toMatchObject({ ok: false, rejection: { code: 'certification-unknown' } });
  await issue(asked);
  expect(await decide(asked.id, 'refused')).toMatchObject({
    rejection: { code: 'certification-conflict' },
  });
});

it('lets one of many revoke, and the spend of the outpoint is what revokes', async () => {
  const asked = plan({ state: 'approved' });
  await ask(asked);
  const outpoint = await issue(asked);
  const begun = await Promise.all(
    Array.from({ length: 8 }, () => beginRevocation(db, member, { id: asked.id, leaseMs: 60_000 })),
  );
  expect(begun.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await findCertification(db, asked.id)).toMatchObject({ isRevoking: true, revokedBy: undefined });
  const spender = buildPlainTransaction([outpoint]);
  await commit(spender);
  const { txid } = spender;
  expect(await findCertification(db, asked.id)).toMatchObject({ revokedBy: txid });
  expect(await findRevocation(db, outpoint)).toMatchObject({ state: 'revoked', spenderTxid: txid });
});

it('keeps no more of one subject than it may have; what is refused or revoked makes room', async () => {
  const asked = plan({ liveMax: 2 });
  await ask(asked);
  const more = () => again(asked, { content: randomBytes(32), liveMax: 2 });
  const second = more();
  expect([await ask(second), await ask(more())]).toEqual([second.id, 'certification-exhausted']);
  await decide(second.id, 'refused');
  const third = more();
  expect([await ask(third), await ask(more())]).toEqual([third.id, 'certification-exhausted']);
});

describe('no more than one identity may have, by whatever way', () => {
  const fill = async () => {
    const asked = plan({ liveMax: 2 });
    const more = () => again(asked, { content: randomBytes(32), liveMax: 2 });
    const second = more();
    expect([await ask(asked), await ask(second)]).toEqual([asked.id, second.id]);
    return { asked, second, more };
  };

  it('a refusal that is taken back where its room is taken', async () => {
    const { asked, second, more } = await fill();
    expect([await decide(asked.id, 'refused'), await decide(second.id, 'refused')]).toMatchObject([
      { ok: true },
      { ok: true },
    ]);
    const [third, fourth] = [more(), more()];
    expect([await ask(third), await ask(fourth), await ask(more())]).toEqual([
      third.id,
      fourth.id,
      'certification-exhausted',
    ]);
    expect(await approve(asked.id)).toMatchObject({ rejection: { code: 'certification-exhausted' } });
    await decide(third.id, 'refused');
    const taken = await Promise.all([asked, second, third].map(({ id }) => approve(id)));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('an order to revoke whose outpoint nobody spends: whoever looks at the chain still takes the certificate', async () => {
    const { asked, more } = await fill();
    await approve(asked.id);
    const outpoint = await issue(asked);
    expect(await beginRevocation(db, member, { id: asked.id, leaseMs: 60_000 })).toMatchObject({ ok: true });
    expect(await ask(more())).toBe('certification-exhausted');
    await commit(buildPlainTransaction([outpoint]));
    const third = more();
    expect(await ask(third)).toBe(third.id);
  });

  it('one identity that two replicas count to two organisations, at the same time', async () => {
    const identityKey = `key ${randomUUID()}`;
    const asks = ['before', 'after'].flatMap((organisation) => {
      const first = plan({ actor: { organisation, identityKey, requestId: 'r' }, liveMax: 2 });
      return [first, ...[1, 2, 3].map(() => again(first, { content: randomBytes(32), liveMax: 2 }))];
    });
    const done = await Promise.all(asks.map((asked) => ask({ ...asked, key: { ...asked.key, isNew: true } })));
    const live = await listCertifications(db, { state: 'pending', after: undefined, limit: 10_000 });
    expect(live.filter(({ subject }) => subject === identityKey)).toHaveLength(2);
    expect(done.filter((code) => code === 'certification-exhausted')).not.toHaveLength(0);
  });

  it('a refusal that is taken back for what its subject erased meanwhile', async () => {
    const { asked } = await fill();
    await decide(asked.id, 'refused');
    await eraseDisclosures(db, asked.actor, asked.key);
    expect(await approve(asked.id)).toMatchObject({ rejection: { code: 'certification-conflict' } });
  });
});

it('forgets what an erased request disclosed, and nobody can approve it any more', async () => {
  const asked = plan();
  await ask(asked);
  expect(await eraseDisclosures(db, asked.actor, asked.key)).toMatchObject({ erased: 1 });
  expect(await findCertification(db, asked.id)).toMatchObject({ state: 'withdrawn', disclosure: undefined });
  expect(await approve(asked.id)).toMatchObject({ rejection: { code: 'certification-conflict' } });
  expect(await ask(again(asked, { clientNonce: asked.clientNonce }))).toBeUndefined();
});

it('lists the oldest first, by pages', async () => {
  const page = { state: undefined, after: undefined, limit: 3 };
  const first = await listCertifications(db, page);
  const rest = await listCertifications(db, { ...page, after: first.at(-1)?.id, limit: 100 });
  expect(new Set([...first, ...rest].map(({ id }) => id)).size).toBe(first.length + rest.length);
  const pending = await listCertifications(db, { ...page, state: 'pending', limit: 100 });
  expect(new Set(pending.map(({ state }) => state))).toEqual(new Set(['pending']));
});

it('gives the application no way to forget one', async () => {
  await expect(db.query('delete from portcullis.certification')).rejects.toThrow('permission denied');
});

it.each([
  ['lacks its audit leaf', 'update portcullis.certification set issued_leaf = 1000000 where issued_leaf is not null'],
  ['a decision about', 'update portcullis.certification set decided_leaf = 1000000 where decided_leaf is not null'],
  ['not watched', 'delete from portcullis.revocation'],
  [
    'not in the ledger',
    `update portcullis.certification set outpoint = sha256(outpoint) || '\\x00000000'::bytea where outpoint is not null`,
  ],
  ['more certificates of a type than it may', 'update portcullis.certification set live_max = 1'],
])('I24 finds what %s', async (sentence, statement) => {
  expect((await plantBreach(database.owner, [statement])).get('I24')).toContain(sentence);
});

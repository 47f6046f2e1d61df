import { randomBytes, randomUUID } from 'node:crypto';
import type { Outpoint } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  GOOD_AS_OF,
  planPlainCommit,
  plantBlock,
  presentPlainCertificate,
  randomOutpoint,
  waitUntil,
} from '#testkit';
import type { PresentedCertificate, TestDatabase } from '#testkit';
import type { DataSource, QueryRunner } from 'typeorm';
import { commitTransition, commitTransitions } from './commit-transition';
import type { CommitInput, Reliance } from './commit-input';
import { fsck } from './fsck';
import {
  claimRevocations,
  findRevocation,
  listReliances,
  listRevokedReservations,
  measureRevocations,
  recordRevocation,
} from './revocations';
import { claimNonce, findSession, listEndedSessions, openSession } from './sessions';

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

const present = (state?: 'good' | 'unknown'): Promise<PresentedCertificate> => presentPlainCertificate(db, state);

const planRelying = (...relies: readonly Reliance[]): CommitInput => ({
  ...planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]) }),
  relies,
});
/** A transaction that spends this output, as anybody may bring it. */
const planRevoking = (outpoint: Outpoint): CommitInput =>
  planPlainCommit({ subject: buildPlainTransaction([outpoint]) });
const codeOf = async (input: CommitInput): Promise<string> => {
  const done = await commitTransition(db, input);
  return done.ok ? done.value.kind : done.rejection.code;
};
const reportGood = (outpoint: Outpoint, at: Date) =>
  recordRevocation(db, { outpoint, lookedAt: at, source: 'a source', state: 'good', asOf: at });

describe('what is known of a revocation', () => {
  it('stands from the statement on that keeps the certificate', async () => {
    const { revocationOutpoint } = await present();
    expect(await findRevocation(db, revocationOutpoint)).toMatchObject({ state: 'good', asOf: new Date(GOOD_AS_OF) });
    expect(await findRevocation(db, randomOutpoint())).toBeUndefined();
  });

  it('is the newest answer, whatever the order in which answers come', async () => {
    const { revocationOutpoint } = await present();
    const [early, late] = [new Date(Date.now() + 1_000), new Date(Date.now() + 2_000)];
    expect(await reportGood(revocationOutpoint, late)).toBe(true);
    expect(await reportGood(revocationOutpoint, early)).toBe(false);
    expect(await findRevocation(db, revocationOutpoint)).toMatchObject({ state: 'good', asOf: late });
  });

  it('is as of the height of our best header then, which a reliance keeps', async () => {
    const certificate = await present();
    const { revocationOutpoint: outpoint } = certificate;
    const heightOf = async (): Promise<number | undefined> => {
      const known = await findRevocation(db, outpoint);
      return known?.state === 'good' ? known.asOfHeight : undefined;
    };
    await plantBlock(database.owner, 870_123, 'ab'.repeat(32));
    await reportGood(outpoint, new Date(Date.now() + 1_000));
    expect(await heightOf()).toBe(870_123);
    await plantBlock(database.owner, 870_124, 'ac'.repeat(32));
    const silent = { outpoint, source: 'test', state: 'unknown', isSilent: true } as const;
    await recordRevocation(db, { ...silent, lookedAt: new Date(Date.now() + 2_000) });
    expect(await heightOf()).toBe(870_123);
    const input = planRelying(certificate);
    expect(await codeOf(input)).toBe('applied');
    const { organisation } = input.transition;
    const page = { organisation, after: -1, limit: 10, certificateHash: certificate.certificateHash };
    expect(await listReliances(db, page)).toMatchObject([{ state: 'good', asOfHeight: 870_123 }]);
    await reportGood(outpoint, new Date(Date.now() + 3_000));
    expect(await heightOf()).toBe(870_124);
  });

  it('grows older where nobody can say, and is nothing where sources contradict each other', async () => {
    const { revocationOutpoint: outpoint } = await present();
    const unknown = { outpoint, source: 'test', state: 'unknown' } as const;
    await recordRevocation(db, { ...unknown, lookedAt: new Date(Date.now() + 1_000), isSilent: true });
    expect(await findRevocation(db, outpoint)).toMatchObject({ state: 'good', asOf: new Date(GOOD_AS_OF) });
    await recordRevocation(db, { ...unknown, lookedAt: new Date(Date.now() + 2_000), isSilent: false });
    expect(await findRevocation(db, outpoint)).toMatchObject({ state: 'unknown' });
  });

  it('ends the sessions of the subject in the statement that revokes', async () => {
    const { revocationOutpoint: outpoint, subject } = await present();
    const open = async (identityKey: string): Promise<string> => {
      const sessionNonce = randomUUID();
      await openSession(db, { sessionNonce, identityKey, peerNonce: 'peer', ttlMs: 60_000 });
      return sessionNonce;
    };
    const [theirs, neighbours] = [await open(subject), await open('somebody else')];
    const spenderTxid = 'ab'.repeat(32) as never;
    const lookedAt = new Date(Date.now() + 1_000);
    await recordRevocation(db, { outpoint, lookedAt, source: 'a source', state: 'revoked', spenderTxid });
    expect(await listEndedSessions(db, [theirs, neighbours])).toEqual([theirs]);
    expect(await findSession(db, theirs)).toBeUndefined();
    expect(await claimNonce(db, theirs, 'n')).toBe('ended');
    expect(await claimNonce(db, neighbours, 'n')).toBe('claimed');
    const again = await open(subject);
    expect(await claimNonce(db, again, 'n')).toBe('claimed');
    expect(await findRevocation(db, outpoint)).toMatchObject({ state: 'revoked', spenderTxid, source: 'a source' });
  });

  it('ends no session twice for one revocation', async () => {
    const { revocationOutpoint: outpoint, subject } = await present();
    const spenderTxid = 'ab'.repeat(32) as never;
    const revoke = (seconds: number) =>
      recordRevocation(db, {
        ...{ outpoint, lookedAt: new Date(Date.now() + seconds * 1_000), source: 'a source' },
        ...{ state: 'revoked', spenderTxid },
      });
    await revoke(1);
    const sessionNonce = randomUUID();
    await openSession(db, { sessionNonce, identityKey: subject, peerNonce: 'peer', ttlMs: 60_000 });
    await revoke(2);
    expect(await codeOf(planRevoking(outpoint))).toBe('applied');
    expect(await findSession(db, sessionNonce)).toMatchObject({ identityKey: subject });
  });

  it('that this ledger knows is not taken back by who was asked before', async () => {
    const { revocationOutpoint: outpoint } = await present();
    expect(await codeOf(planRevoking(outpoint))).toBe('applied');
    expect(await reportGood(outpoint, new Date(Date.now() + 60_000))).toBe(false);
    expect(await findRevocation(db, outpoint)).toMatchObject({ state: 'revoked', source: 'this ledger' });
  });

  it('names the reservations that were made before, and not those after', async () => {
    const { revocationOutpoint: outpoint, subject } = await present();
    const reserve = async (): Promise<string> => {
      const id = randomUUID();
      await db.query(
        `insert into portcullis.reservation (id, organisation, identity_key, basket, terms, expires_at)
         values ($1, 'acme', $2, 'stock', '{}', now() + interval '1 hour')`,
        [id, subject],
      );
      return id;
    };
    const before = await reserve();
    expect(await codeOf(planRevoking(outpoint))).toBe('applied');
    await reserve();
    expect(await listRevokedReservations(db, 10)).toEqual([{ organisation: 'acme', id: before }]);
  });
});

describe('whoever asks the sources again', () => {
  it('gets the oldest answers first, each once, and no more a minute than the rate', async () => {
    await db.query("update portcullis.revocation set claimed_at = now() - interval '1 day', looked_at = now()");
    const watched = [await present(), await present(), await present()];
    for (const [place, { revocationOutpoint }] of watched.entries()) {
      await db.query(
        "update portcullis.revocation set claimed_at = now() - interval '1 day', looked_at = now() - $2 * interval '1 hour' where outpoint = $1",
        [revocationOutpoint, 3 - place],
      );
    }
    const claim = { ratePerMinute: 3, most: 2, dueMs: 60_000, leaseMs: 30_000 };
    const outpoints = watched.map(({ revocationOutpoint }) => Buffer.from(revocationOutpoint));
    expect(await claimRevocations(db, claim)).toEqual(expect.arrayContaining(outpoints.slice(0, 2)));
    expect(await claimRevocations(db, claim)).toEqual(outpoints.slice(2));
    await db.query(
      "update portcullis.revocation set claimed_at = now() - interval '1 minute' where looked_at < now() - interval '2 hours'",
    );
    expect(await claimRevocations(db, { ...claim, ratePerMinute: 1 })).toEqual([]);
  });

  it('is told how many there are of each, and how old the oldest is', async () => {
    const before = await measureRevocations(db);
    await present('unknown');
    const after = await measureRevocations(db);
    expect(after).toEqual({ ...before, unknown: before.unknown + 1, oldestAgeSeconds: expect.any(Number) });
    expect(after.oldestAgeSeconds).toBeGreaterThan(0);
  });
});

describe('a COMMIT that relies on certificates', () => {
  it('writes down what was known, for whoever looks back', async () => {
    const good = await present();
    const unrevocable = { ...good, certificateHash: randomBytes(32), revocationOutpoint: undefined };
    const policyVersion = randomBytes(32);
    const input = planRelying(good, unrevocable);
    const relying = { ...input, transition: { ...input.transition, policyVersion } };
    expect(await codeOf(relying)).toBe('applied');
    const page = { organisation: relying.transition.organisation, after: -1, limit: 10 };
    expect(await listReliances(db, { ...page, certificateHash: good.certificateHash })).toMatchObject([
      {
        ...{
          transitionId: relying.transition.id,
          txid: relying.transition.txid,
          state: 'good',
          asOf: new Date(GOOD_AS_OF),
        },
        ...{ source: 'test', policyVersion: policyVersion.toString('hex') },
      },
    ]);
    expect(await listReliances(db, { ...page, certificateHash: unrevocable.certificateHash })).toMatchObject([
      { state: 'not-revocable' },
    ]);
    expect(
      await listReliances(db, { ...page, organisation: 'another', certificateHash: good.certificateHash }),
    ).toEqual([]);
  });

  it.each<[string, (each: PresentedCertificate) => Reliance, string]>([
    ['nobody watches', (each) => ({ ...each, revocationOutpoint: randomOutpoint() }), 'revocation-unknown'],
    ['is answered too long ago', (each) => ({ ...each, goodSince: new Date() }), 'revocation-unknown'],
    ['is answered since', (each) => ({ ...each, goodSince: new Date(GOOD_AS_OF) }), 'applied'],
  ])('is judged by an outpoint that %s', async (_, change, code) => {
    expect(await codeOf(planRelying(change(await present())))).toBe(code);
  });

  it('takes what nobody can say where the rule does', async () => {
    const unknown = await present('unknown');
    expect(await codeOf(planRelying(unknown))).toBe('revocation-unknown');
    expect(await codeOf(planRelying({ ...unknown, mayBeUnknown: true }))).toBe('applied');
    await commitTransition(db, planRevoking(unknown.revocationOutpoint));
    expect(await codeOf(planRelying({ ...unknown, mayBeUnknown: true }))).toBe('certificate-revoked');
  });

  it('is refused after the one that revokes, alone and in a group', async () => {
    const [one, other] = [await present(), await present()];
    expect(await codeOf(planRevoking(one.revocationOutpoint))).toBe('applied');
    expect(await codeOf(planRelying(one))).toBe('certificate-revoked');
    const group = [
      planRelying(other),
      planRelying(one),
      planRelying(),
      planRevoking(other.revocationOutpoint),
      planRelying(other),
    ];
    const ended = await commitTransitions(db, group);
    const codes = ended.ok ? ended.value.map((end) => (end.ok ? end.value.kind : end.rejection.code)) : [];
    expect(codes).toEqual(['applied', 'certificate-revoked', 'applied', 'applied', 'certificate-revoked']);
  });

  it('writes down what a group relied on, in one pass', async () => {
    const good = await present();
    const group = [planRelying(good), planRelying(good)];
    expect(await commitTransitions(db, group)).toMatchObject({ ok: true, value: [{ ok: true }, { ok: true }] });
    const { organisation } = group[0]!.transition;
    const page = { organisation, certificateHash: good.certificateHash, after: -1, limit: 10 };
    expect((await listReliances(db, page)).map(({ transitionId }) => transitionId)).toEqual(
      group.map(({ transition }) => transition.id),
    );
  });

  it('waits for a revocation that is under way, and is refused when that is committed', async () => {
    const { revocationOutpoint, ...rest } = await present();
    const revoking: QueryRunner = db.createQueryRunner();
    await revoking.connect();
    await revoking.startTransaction();
    await commitTransition(revoking.manager, planRevoking(revocationOutpoint));
    let ended = false;
    const relying = codeOf(planRelying({ ...rest, revocationOutpoint })).finally(() => (ended = true));
    await waitUntil('the COMMIT waits for the row', async () => {
      const waiting = await database.owner.query<unknown[]>(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%commit_transition(%'",
      );
      return waiting.length > 0;
    });
    expect(ended).toBe(false);
    await revoking.commitTransaction();
    await revoking.release();
    expect(await relying).toBe('certificate-revoked');
  });
});

import { buildPlainTransaction, createTestDatabase, planPlainCommit, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import {
  claimOutboxBatch,
  claimOutboxRow,
  completeOutboxRow,
  deferOutboxRow,
  hastenOutbox,
  listDueOutboxRows,
  measureOutbox,
  parkOutboxRow,
} from './outbox';
import { claimNonce, claimNonces, findSession, openSession, pruneExpired } from './sessions';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(() => database.drop());
beforeEach(async () => {
  await db.query('delete from portcullis.outbox');
});

const file = async () => {
  const subject = buildPlainTransaction([randomOutpoint()]);
  await commitTransition(db, planPlainCommit({ subject }));
  const [row] = await db.query<{ id: string }[]>('select id from portcullis.outbox where dedupe_key = $1', [
    `broadcast:${subject.txid}`,
  ]);
  return { id: row?.id ?? '', txid: subject.txid };
};
const leaseMs = 60_000;

describe('outbox', () => {
  it('leases a due row to one holder and counts the attempt', async () => {
    const { id, txid } = await file();
    expect(await listDueOutboxRows(db, 10)).toEqual([{ id, kind: 'broadcast' }]);
    const row = await claimOutboxRow(db, id, leaseMs);
    expect(row).toMatchObject({ id, txid, payload: { txid }, state: 'leased', attempts: 1, leaseNumber: 1 });
    expect(await claimOutboxRow(db, id, leaseMs)).toBeUndefined();
    expect(await measureOutbox(db)).toMatchObject({ waiting: 0, leased: 1, parked: 0 });
  });

  it('takes an expired lease over and refuses the late holder', async () => {
    const { id } = await file();
    const late = await claimOutboxRow(db, id, 0);
    const next = await claimOutboxRow(db, id, leaseMs);
    expect(next).toMatchObject({ attempts: 2, leaseNumber: 2 });
    const stale = { id, leaseNumber: late?.leaseNumber ?? 0 };
    expect(await completeOutboxRow(db, stale)).toBe(false);
    expect(await deferOutboxRow(db, stale, 0, 'late')).toBe(false);
    expect(await parkOutboxRow(db, stale, 'late')).toBe(false);
    expect(await completeOutboxRow(db, { id, leaseNumber: 2 })).toBe(true);
  });

  it('files what follows in the same statement, once', async () => {
    const { id, txid } = await file();
    const { leaseNumber = 0 } = (await claimOutboxRow(db, id, leaseMs)) ?? {};
    const followUp = { kind: 'proof', dedupeKey: `proof:${txid}`, payload: { txid } };
    expect(await completeOutboxRow(db, { id, leaseNumber }, [followUp, followUp])).toBe(true);
    expect(await listDueOutboxRows(db, 10)).toMatchObject([{ kind: 'proof' }]);
  });

  it('defers with a reason, is hastened by a hint, and parks for a person', async () => {
    const { id, txid } = await file();
    const first = await claimOutboxRow(db, id, leaseMs);
    expect(await deferOutboxRow(db, { id, leaseNumber: first?.leaseNumber ?? 0 }, 3_600_000, 'no answer')).toBe(true);
    expect(await claimOutboxRow(db, id, leaseMs)).toBeUndefined();
    expect(await hastenOutbox(db, txid)).toBe(1);
    const second = await claimOutboxRow(db, id, leaseMs);
    expect(second).toMatchObject({ lastError: 'no answer', leaseNumber: 2 });
    expect(await parkOutboxRow(db, { id, leaseNumber: 2 }, 'gave up')).toBe(true);
    expect(await hastenOutbox(db, txid)).toBe(0);
    expect(await measureOutbox(db)).toMatchObject({ waiting: 0, leased: 0, parked: 1 });
  });

  it('hands a batch out without giving a row twice', async () => {
    for (let index = 0; index < 12; index += 1) await file();
    const batches = await Promise.all([1, 2, 3].map(() => claimOutboxBatch(db, 12, leaseMs)));
    const ids = batches.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const rest = await claimOutboxBatch(db, 12, leaseMs);
    expect(ids.length + rest.length).toBe(12);
  });
});

describe('sessions', () => {
  const open = (sessionNonce: string, ttlMs = 60_000) =>
    openSession(db, { sessionNonce, identityKey: 'k', peerNonce: 'p', ttlMs });

  it('finds an open session and no other', async () => {
    expect(await open('open')).toBe(true);
    expect(await open('open')).toBe(false);
    expect(await open('ended', -1)).toBe(true);
    expect(await findSession(db, 'open')).toMatchObject({ identityKey: 'k', peerNonce: 'p' });
    expect(await findSession(db, 'ended')).toBeUndefined();
  });

  it('takes a nonce once and none of a session that is unknown', async () => {
    await open('taking');
    expect(await claimNonce(db, 'taking', 'n')).toBe('claimed');
    expect(await claimNonce(db, 'taking', 'n')).toBe('replayed');
    expect(await claimNonce(db, 'unknown', 'n')).toBe('ended');
  });

  it('takes the nonces of several requests at once, each for itself', async () => {
    await open('together');
    await open('over', -1);
    await claimNonce(db, 'together', 'used');
    const asked = [
      ['together', 'b'],
      ['over', 'b'],
      ['together', 'used'],
      ['together', 'a'],
      ['together', 'b'],
      ['unknown', 'b'],
    ].map(([sessionNonce = '', nonce = '']) => ({ sessionNonce, nonce }));
    const values = ['claimed', 'ended', 'replayed', 'claimed', 'replayed', 'ended'];
    expect(await claimNonces(db, asked)).toEqual(values.map((value) => ({ status: 'fulfilled', value })));
    expect(await claimNonces(db, [])).toEqual([]);
  });

  it('is spoiled for nobody by one that cannot be asked', async () => {
    await open('unspoiled');
    const asked = ['one', 'a NUL: \0', 'two'].map((nonce) => ({ sessionNonce: 'unspoiled', nonce }));
    expect((await claimNonces(db, asked)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await claimNonce(db, 'unspoiled', 'two')).toBe('replayed');
  });

  it('forgets ended sessions with their nonces', async () => {
    await open('short', -1);
    await claimNonce(db, 'short', 'n');
    expect(await pruneExpired(db)).toBeGreaterThan(0);
    expect(await pruneExpired(db)).toBe(0);
    expect(await claimNonce(db, 'short', 'n')).toBe('ended');
  });
});

import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { findOrCreateQuote, findQuote, pruneQuotes } from './quotes';
import { claimNonce, openSession, pruneExpired } from './sessions';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(() => database.drop());

const countNonces = async (): Promise<number> => {
  const [row] = await db.query<{ n: number }[]>('select count(*)::int as n from portcullis.auth_nonce');
  return row?.n ?? -1;
};

describe('pruning what strangers may leave behind', () => {
  // One caller may use a million nonces in an hour. Removed in one statement they run out of time, and no session is ever forgotten again.
  it('removes no more rows at once than it was told to, however many nonces a session has', async () => {
    await openSession(db, { sessionNonce: 's', identityKey: 'k', peerNonce: 'p', ttlMs: 60_000 });
    await db.query(`insert into portcullis.auth_nonce select 's', place from generate_series(1, 25) place`);
    await db.query(`update portcullis.auth_session set expires_at = now()`);
    const left: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expect(await pruneExpired(db, 10)).toBeLessThanOrEqual(10);
      left.push(await countNonces());
    }
    expect(left).toEqual([15, 5, 0]);
    const [sessions] = await db.query<{ n: number }[]>('select count(*)::int as n from portcullis.auth_session');
    expect(sessions?.n).toBe(0);
  });

  // A request found its session a moment before the end; its nonce is asked for a moment after, when the one that took it may be forgotten.
  it('gives no nonce of a session that has ended, pruned or not', async () => {
    await openSession(db, { sessionNonce: 'ended', identityKey: 'k', peerNonce: 'p', ttlMs: -1 });
    expect(await claimNonce(db, 'ended', 'n')).toBe('ended');
  });

  it('forgets terms that nobody paid an hour after their end, and no others', async () => {
    const quote = async (prefix: string, ended: string): Promise<string> => {
      const requestDigest = Buffer.alloc(32, prefix);
      const terms = {
        prefix,
        organisation: 'o',
        identityKey: 'k',
        requestDigest,
        method: 'GET',
        path: '/',
        satoshis: 1,
      };
      await findOrCreateQuote(db, { ...terms, ttlMs: 60_000 });
      await db.query(`update portcullis.payment_quote set expires_at = now() - interval '${ended}' where prefix = $1`, [
        prefix,
      ]);
      return prefix;
    };
    const open = await quote('open', '-1 minute');
    const late = await quote('late', '59 minutes');
    const forgotten = await quote('forgotten', '61 minutes');
    const paid = await quote('paid', '61 minutes');
    await db.query(`update portcullis.payment_quote set claimed_at = now() where prefix = $1`, [paid]);
    expect(await pruneQuotes(db, 10)).toBe(1);
    const found = await Promise.all([open, late, forgotten, paid].map((prefix) => findQuote(db, prefix)));
    expect(found.map((terms) => terms?.prefix)).toEqual([open, late, undefined, paid]);
    expect(await pruneQuotes(db, 10)).toBe(0);
  });
});

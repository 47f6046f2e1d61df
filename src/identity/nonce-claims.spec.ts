import type { DataSource } from 'typeorm';
import { openSession } from '#ledger';
import { createTestDatabase, interceptStatements, type TestDatabase } from '#testkit';
import { NonceClaims } from './nonce-claims';

const sessionNonce = 'session';

let database: TestDatabase;
let db: DataSource;
let restore: () => void = () => undefined;
const asked: string[] = [];
/** What the next statements wait for. */
let gate: Promise<void> = Promise.resolve();
let failure: Error | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
  await openSession(db, { sessionNonce, identityKey: 'k', peerNonce: 'p', ttlMs: 600_000 });
  restore = interceptStatements(async (text, ask) => {
    if (!text.includes('claim_nonce')) return ask();
    const isGroup = text.includes('claim_nonces');
    asked.push(isGroup ? 'group' : 'alone');
    await gate;
    if (isGroup && failure !== undefined) throw failure;
    return ask();
  });
}, 90_000);
afterAll(async () => {
  restore();
  await database.drop();
});
beforeEach(() => {
  asked.length = 0;
  failure = undefined;
});

const outcome = async (claim: Promise<void>): Promise<string> =>
  claim.then(
    () => 'passed',
    (error: unknown) => (error as { rejection?: { code: string } }).rejection?.code ?? (error as Error).message,
  );
const hold = (): (() => void) => {
  let open: () => void = () => undefined;
  gate = new Promise((resolve) => (open = resolve));
  return open;
};

describe('nonces that are claimed', () => {
  it('alone are asked for at once', async () => {
    const claims = new NonceClaims(db);
    expect(await outcome(claims.claimOnce({ sessionNonce, nonce: 'alone' }))).toBe('passed');
    expect(await outcome(claims.claimOnce({ sessionNonce, nonce: 'alone' }))).toBe('auth-replayed');
    expect(asked).toEqual(['alone', 'alone']);
  });

  it('while two statements are under way share the next one, and each hears its own answer', async () => {
    const claims = new NonceClaims(db);
    const open = hold();
    let ended = 0;
    const all = ['a', 'b', 'c', 'd', 'c'].map((nonce) => outcome(claims.claimOnce({ sessionNonce, nonce })));
    all.push(outcome(claims.claimOnce({ sessionNonce: 'unknown', nonce: 'e' }, () => (ended += 1))));
    open();
    expect(await Promise.all(all)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
      'auth-replayed',
      'auth-session-unknown',
    ]);
    expect([...asked].sort()).toEqual(['alone', 'alone', 'group']);
    expect(ended).toBe(1);
  });

  it('fail together where the database does, and the next are asked as before', async () => {
    const claims = new NonceClaims(db);
    const open = hold();
    failure = new Error('the connection is lost');
    const all = ['f', 'g', 'h', 'i'].map((nonce) => outcome(claims.claimOnce({ sessionNonce, nonce })));
    open();
    const lost = 'the connection is lost';
    expect((await Promise.all(all)).slice(2)).toEqual([lost, lost]);
    failure = undefined;
    expect(await outcome(claims.claimOnce({ sessionNonce, nonce: 'h' }))).toBe('passed');
  });

  it('come by the hundred and more in groups of a hundred', async () => {
    const claims = new NonceClaims(db);
    const all = Array.from({ length: 250 }, (_, at) => outcome(claims.claimOnce({ sessionNonce, nonce: `n${at}` })));
    expect(new Set(await Promise.all(all))).toEqual(new Set(['passed']));
    expect(asked).toHaveLength(5);
  });
});

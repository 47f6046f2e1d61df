import { findSqlState, onlyRow, runStatement } from './database';
import type { Database } from './database';
import { prepareStatement } from './prepared';

const FOREIGN_KEY_VIOLATION = '23503';

export interface Session {
  readonly sessionNonce: string;
  readonly identityKey: string;
  readonly peerNonce: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface SessionOpening {
  readonly sessionNonce: string;
  readonly identityKey: string;
  readonly peerNonce: string;
  readonly ttlMs: number;
}

/** False when the nonce is in use: a session is never taken over. */
export const openSession = async (db: Database, opening: SessionOpening): Promise<boolean> => {
  const { sessionNonce, identityKey, peerNonce, ttlMs } = opening;
  const rows = await runStatement<unknown[]>(
    db,
    `insert into portcullis.auth_session (session_nonce, identity_key, peer_nonce, expires_at)
     values ($1, $2, $3, now() + $4 * interval '1 millisecond') on conflict do nothing returning 1`,
    [sessionNonce, identityKey, peerNonce, ttlMs],
  );
  return rows.length === 1;
};

/** Undefined when unknown or over. */
export const findSession = async (db: Database, sessionNonce: string): Promise<Session | undefined> => {
  const [row] = await runStatement<Session[]>(
    db,
    `select session_nonce as "sessionNonce", identity_key as "identityKey", peer_nonce as "peerNonce",
            created_at as "createdAt", expires_at as "expiresAt"
     from portcullis.auth_session s where session_nonce = $1 and not portcullis.is_ended(s)`,
    [sessionNonce],
  );
  return row;
};

/** Those of these sessions that are over: by their time, or because whoever opened them has to prove anew who it is. */
export const listEndedSessions = async (db: Database, sessionNonces: readonly string[]): Promise<readonly string[]> => {
  const rows = await runStatement<{ nonce: string }[]>(
    db,
    `select given.nonce from unnest($1::text[]) given (nonce)
     where not exists (select from portcullis.auth_session s where s.session_nonce = given.nonce and not portcullis.is_ended(s) offset 0)`,
    [sessionNonces],
  );
  return rows.map(({ nonce }) => nonce);
};

/** `ended`: there is no such session, or none any more, and its nonces may be forgotten by now. */
export type NonceClaim = 'claimed' | 'replayed' | 'ended';

const CLAIM_NONCE = prepareStatement('select portcullis.claim_nonce($1::text, $2::text) as claim');

/** `claimed` for exactly one caller in the life of the session, on whatever replica. Asks the session itself, whatever the caller remembers of it. */
export const claimNonce = async (db: Database, sessionNonce: string, nonce: string): Promise<NonceClaim> => {
  try {
    return onlyRow(await runStatement<{ claim: NonceClaim }[]>(db, CLAIM_NONCE, [sessionNonce, nonce])).claim;
  } catch (error) {
    // It was pruned between two looks at it.
    if (findSqlState(error) === FOREIGN_KEY_VIOLATION) return 'ended';
    throw error;
  }
};

export interface NonceQuestion {
  readonly sessionNonce: string;
  readonly nonce: string;
}

const CLAIM_NONCES = prepareStatement('select portcullis.claim_nonces($1::text[], $2::text[]) as claims');
/** Data that PostgreSQL cannot take, and a constraint: the statement did nothing, for the sake of one of its claims. */
const REFUSED_CLAIM = /^2[23]/u;

/** As `claimNonce` for each, in one statement. One that cannot be asked spoils no other: they are asked one by one then. */
export const claimNonces = async (
  db: Database,
  asked: readonly NonceQuestion[],
): Promise<PromiseSettledResult<NonceClaim>[]> => {
  const alone = (): Promise<PromiseSettledResult<NonceClaim>[]> =>
    Promise.allSettled(asked.map(({ sessionNonce, nonce }) => claimNonce(db, sessionNonce, nonce)));
  if (asked.length < 2) return alone();
  const lists = [asked.map(({ sessionNonce }) => sessionNonce), asked.map(({ nonce }) => nonce)];
  try {
    const { claims } = onlyRow(await runStatement<{ claims: NonceClaim[] }[]>(db, CLAIM_NONCES, lists));
    return claims.map((value) => ({ status: 'fulfilled', value }));
  } catch (error) {
    if (REFUSED_CLAIM.test(findSqlState(error) ?? '')) return alone();
    throw error;
  }
};

const removeNonces = `
  delete from portcullis.auth_nonce taken using (
    select n.session_nonce, n.nonce from portcullis.auth_session s join portcullis.auth_nonce n on n.session_nonce = s.session_nonce
    where s.expires_at <= now() limit $1 for update of n skip locked
  ) ended where taken.session_nonce = ended.session_nonce and taken.nonce = ended.nonce returning 1`;

const removeSessions = `
  delete from portcullis.auth_session gone using (
    select s.session_nonce from portcullis.auth_session s where s.expires_at <= now()
      and not exists (select from portcullis.auth_nonce n where n.session_nonce = s.session_nonce)
    order by s.expires_at limit $1 for update skip locked
  ) ended where gone.session_nonce = ended.session_nonce returning 1`;

/**
 * Forgets ended sessions, their nonces first: a nonce means nothing without an open session, and one caller can leave a million of them, more than one
 * statement has time for. Returns the number of rows removed; at most `limit` a call.
 */
export const pruneExpired = async (db: Database, limit = 1_000): Promise<number> => {
  const nonces = await countRemoved(db, removeNonces, limit);
  return nonces === limit ? limit : nonces + (await countRemoved(db, removeSessions, limit - nonces));
};

const countRemoved = async (db: Database, sql: string, limit: number): Promise<number> => {
  // Of a DELETE with RETURNING the driver answers both the rows and their number.
  const [rows] = await runStatement<[unknown[], number]>(db, sql, [limit]);
  return rows.length;
};

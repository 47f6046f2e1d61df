import { findSqlState, runStatement } from './database';
import type { Database } from './database';

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

/** Undefined when unknown or expired. */
export const findSession = async (db: Database, sessionNonce: string): Promise<Session | undefined> => {
  const [row] = await runStatement<Session[]>(
    db,
    `select session_nonce as "sessionNonce", identity_key as "identityKey", peer_nonce as "peerNonce",
            created_at as "createdAt", expires_at as "expiresAt"
     from portcullis.auth_session where session_nonce = $1 and expires_at > now()`,
    [sessionNonce],
  );
  return row;
};

/** True for exactly one caller in the life of the session, on whatever replica; false for a replay and for a session that has ended. */
export const claimNonce = async (db: Database, sessionNonce: string, nonce: string): Promise<boolean> => {
  try {
    const rows = await runStatement<unknown[]>(
      db,
      'insert into portcullis.auth_nonce (session_nonce, nonce) values ($1, $2) on conflict do nothing returning 1',
      [sessionNonce, nonce],
    );
    return rows.length === 1;
  } catch (error) {
    if (findSqlState(error) === FOREIGN_KEY_VIOLATION) return false;
    throw error;
  }
};

/**
 * Forgets ended sessions (their nonces go with them: a nonce means nothing without its session). Quotes are kept: a late payment must be
 * told that its terms expired, and rows are small. Returns the number of sessions removed; at most `limit` a call.
 */
export const pruneExpired = async (db: Database, limit = 1_000): Promise<number> => {
  const rows = await runStatement<unknown[]>(
    db,
    `with ended as (
       select session_nonce from portcullis.auth_session where expires_at <= now()
       order by session_nonce limit $1 for update skip locked
     ), removed as (
       delete from portcullis.auth_session using ended where auth_session.session_nonce = ended.session_nonce returning 1
     ) select 1 from removed`,
    [limit],
  );
  return rows.length;
};
